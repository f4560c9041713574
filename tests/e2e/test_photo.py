"""Photo upload in the editor: dropped, pasted or chosen, and cropped by mouse and by fingers."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Generator
from secrets import token_hex

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.domain.pictures.photos import BLUE, RED, is_near, saved
from tests.e2e.arrivals import arrive
from tests.e2e.people import Person
from tests.e2e.product import Product

WIDE = (1600, 800)
FILE = """(data) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const file = new File([bytes], "photo.jpg", { type: "image/jpeg" });
  const held = new DataTransfer();
  held.items.add(file);
  return held;
}"""
BESIDE = """(held) => !document.querySelector("header").dispatchEvent(
  new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true }))"""
PASTE = "(held) => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true }))"


@pytest.fixture
def author(person: Callable[[str], Person]) -> Person:
    vera = person(f"Vera-{token_hex(4)}")  # one product serves all tests here
    arrive(vera)
    vera.open("/characters/new")
    return vera


def a_wide_one() -> bytes:
    """A JPEG, red on the left and blue on the right; the crop starts in the middle."""
    picture = Image.new("RGB", WIDE, RED)
    picture.paste(BLUE, (WIDE[0] // 2, 0, *WIDE))
    return saved(picture, "JPEG")


def choose(page: Page) -> Locator:
    """Choose the wide photo; returns the crop window."""
    page.locator(".photo-picker input[type=file]").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": a_wide_one()}
    )
    window = page.get_by_role("dialog", name="Что будет видно на фото")
    expect(window.locator(".crop-frame img")).to_be_visible()
    return window


def kept(author: Person, size: str = "large") -> Image.Image:
    """Close the window with «Готово»; returns the picture that the server has stored."""
    author.page.get_by_role("dialog").get_by_role("button", name="Готово").click()
    shown = author.page.locator(".photo-frame img")
    expect(shown).to_have_attribute("src", re.compile("/pictures/"))
    address = shown.evaluate("image => image.src").replace("large", size)
    return Image.open(io.BytesIO(author.context.request.get(address).body()))


def frame(window: Locator) -> Locator:
    return window.get_by_role("application", name="Видимая часть фото")


def inside(place: Locator, down: float = 0.5) -> tuple[float, float]:
    """The point in the middle of a box, at this fraction of its height."""
    box = place.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * down


def drag(page: Page, begin: tuple[float, float], right: float) -> None:
    x, y = begin
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y)
    page.mouse.move(x + right, y)
    page.mouse.up()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_photo_is_dropped_or_pasted(author: Person, way: str) -> None:
    page = author.page
    held = page.evaluate_handle(FILE, base64.b64encode(a_wide_one()).decode())
    assert page.evaluate(BESIDE, held), "dropped beside, it would be opened in place of what was typed"
    if way == "drop":
        page.locator(".photo-frame").dispatch_event("drop", {"dataTransfer": held})
    else:
        page.evaluate(PASTE, held)
    assert kept(author).size == (900, 1200)


@pytest.mark.slow
def test_the_mouse_moves_what_is_shown(author: Person) -> None:
    window = choose(author.page)
    drag(author.page, inside(frame(window), 0.9), -200)  # below the circle
    assert is_near(kept(author).getpixel((20, 1000)), BLUE), "what was on the right is in the middle now"


def test_the_circle_is_moved_to_the_face(author: Person) -> None:
    window = choose(author.page)
    drag(author.page, inside(window.get_by_role("button", name="Лицо")), 30)
    assert is_near(kept(author, "face").getpixel((80, 96)), BLUE), "left of the middle, where red ended before"


@pytest.fixture
def fingers(browser: Browser, product: Product) -> Generator[Person]:
    """Somebody with a touch screen."""
    toucher = Person(browser, product, f"Tanya-{token_hex(4)}")
    toucher.context.close()
    toucher.context = browser.new_context(
        locale="ru-RU", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    toucher.page = toucher.context.new_page()
    arrive(toucher)
    toucher.open("/characters/new")
    yield toucher
    toucher.leave()


@pytest.mark.slow
def test_two_fingers_bring_it_nearer_and_one_moves_it(fingers: Person) -> None:
    page = fingers.page
    window = choose(page)
    nearness = window.get_by_role("slider")
    expect(nearness).to_have_value("0")
    touch = page.context.new_cdp_session(page)

    def put(kind: str, down: float = 0, *places: float) -> None:
        x, y = inside(frame(window), down)
        points = [{"x": x + place, "y": y, "id": number} for number, place in enumerate(places)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    put("touchStart", 0.4, -30, 30)  # on the circle
    put("touchMove", 0.4, -60, 60)
    put("touchEnd")
    expect(nearness).not_to_have_value("0")
    put("touchStart", 0.9, 60)
    put("touchMove", 0.9, 0)
    put("touchMove", 0.9, -60)
    put("touchEnd")
    assert is_near(kept(fingers).getpixel((20, 1000)), BLUE)

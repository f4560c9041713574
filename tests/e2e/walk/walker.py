"""Walker: opens a page at several window widths, in the light and the dark theme, and looks for faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from domain.language import Texts
from tests.domain.cards.card_files import png, text, v3
from tests.domain.pictures.photos import RED, saved
from tests.e2e.people import AT_ONCE, wait_for_line
from tests.e2e.product import Product
from tests.e2e.walk.ground import Ground, without_admins
from tests.e2e.walk.visits import A_CARD, A_PHOTO, LAID_OVER, LONG_WORD, Opening, Visit

WIDTHS = (360, 390, 768, 1024, 1280, 1440)
RENEWED_AFTER = 40
"""Pages that one browser context opens: what it keeps of them is gone with it."""
TOUCHED = 768
"""Up to this width people have fingers."""
HEIGHTS = {360: 640, 390: 844, 768: 1024}
THEMES = ("light", "dark")
LOOK = Path(__file__).with_name("look.js")
AXE = Path(__file__).parents[2] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
AT_REST = """async () => {
  let still = 0;
  const stir = () => { still = 0; };
  addEventListener("scroll", stir, true);
  await document.fonts.ready;
  const moves = ({ playState, effect }) => playState === "running" && effect.getTiming().iterations !== Infinity;
  while (still++ < 4) {
    await new Promise((done) => requestAnimationFrame(done));
    if (document.getAnimations().some(moves)) stir();
  }
  removeEventListener("scroll", stir, true);
}"""
"""Some frames without anything that moves or scrolls (a chat holds its place in a new window): that closes a menu."""
DRAWERS_FIT = """() => [...document.querySelectorAll(".q-drawer--left")].every((drawer) =>
  drawer.matches(".q-drawer--mobile") === innerWidth < 1024 &&
  (drawer.matches(".q-layout--prevent-focus") ? innerWidth < 1024 : drawer.getBoundingClientRect().x === 0))"""
"""Quasar looks at the window's new width a moment later."""
IS_OPEN = "control => control.ariaExpanded === 'true' || control.matches('details[open] > summary')"
GRAVE = """async () => (await axe.run(whatIsSeen(), {resultTypes: ["violations"]})).violations
  .filter(({impact}) => ["serious", "critical"].includes(impact))
  .flatMap(({id, impact, nodes}) => nodes.map(({html, failureSummary}) =>
    `${impact} ${id}: ${html.slice(0, 160)}: ${failureSummary.replace(/\\s+/g, " ").slice(0, 240)}`))"""


@dataclass(frozen=True)
class Look:
    """A way to look at a page: a width, a theme, and whether with axe, which takes longest."""

    width: int
    theme: str
    axe: bool = False

    def __str__(self) -> str:
        return f"{self.width} px, {self.theme}"


class Walker:
    """A browser with one page, which has dismissed the announcement unless `announced`. `renewed` is called with each
    new context.
    """

    def __init__(
        self,
        browser: Browser,
        product: Product,
        ground: Ground,
        *,
        announced: bool,
        renewed: Callable[[BrowserContext], object],
    ) -> None:
        self._browser = browser
        self._renewed = renewed
        self._product = product
        self._url = product.url
        self._ground = ground
        self._announced = announced
        self._begin()

    def _begin(self) -> None:
        self._context = self._browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        self._renewed(self._context)
        self._context.add_init_script(path=LOOK)
        self._context.add_init_script(path=AXE)
        self._page: Page = self._context.new_page()
        self._page.set_default_timeout(AT_ONCE)
        self._page.on("crash", self._note_crash)
        self._protocol = self._context.new_cdp_session(self._page)
        self._opened, self._has_crashed = 0, False
        self._had: Look | None = None
        if not self._announced:
            self._put_away()

    def _note_crash(self, _page: Page) -> None:
        self._has_crashed = True

    def _put_away(self) -> None:
        self._page.goto(self._url)
        announcement = self._page.locator(".announcement")
        announcement.get_by_role("button").click()
        announcement.wait_for(state="detached")

    def open(self, visit: Visit, language: str, look: Look) -> None:
        if self._has_crashed or self._opened == RENEWED_AFTER:
            self.leave()
            self._begin()
        self._opened += 1
        self._is_offline = False
        self._texts = Texts(language)
        self._context.clear_cookies(name="beseda")
        cookies = {"beseda_language": language} | ({"beseda": self._ground.cookies[visit.who]} if visit.who else {})
        self._context.add_cookies([{"name": name, "value": value, "url": self._url} for name, value in cookies.items()])
        self._have(look)
        with without_admins(self._product.data) if visit.without_admins else nullcontext():
            self._page.goto("about:blank")  # an address that differs in its fragment only is not loaded again
            self._page.goto(self._url + visit.address.format(**self._ground.places))
            self._arrive(visit)

    def _arrive(self, visit: Visit) -> None:
        wait_for_line(self._page)
        self._page.locator(visit.shows).first.wait_for()
        if visit.offline:
            self._is_offline = True
            self._page.evaluate("window.socket.disconnect()")
            self._page.locator(".connection-line.lost").wait_for()
        if visit.held:
            self._page.locator(visit.held).focus()

    def look(self, look: Look) -> list[str]:
        """Faults of the open page under this look."""
        self._have(look)
        found: list[str] = self._page.evaluate("touch => lookAround(touch)", look.width <= TOUCHED)
        if look.axe:
            found += self._page.evaluate(GRAVE)
        return [f"{look}, {self._texts.language}: {each}" for each in found]

    def look_into(self, visit: Visit, opening: Opening, looks: list[Look]) -> list[str]:
        """The same for what can be opened on the page: it is opened and closed again at each width."""
        found: list[str] = []
        for _width, same_width in groupby(looks, key=lambda look: look.width):
            first, *others = same_width
            self._have(first)
            try:
                self._open(opening)
            except (TooLate, AssertionError) as error:
                found.append(f"{first}, {self._texts.language}: does not open: {error}")
            else:
                found += [each for look in (first, *others) for each in self.look(look)]
            self._close(visit, opening)
        return [f"{' → '.join(opening.presses)}: {each}" for each in found]

    def _open(self, opening: Opening) -> None:
        if opening.shows != LAID_OVER and self._seen(opening.shows).count():
            return  # anything but a window may have been left open
        for press in opening.presses:
            self._do(press)
        if opening.shows != LAID_OVER:
            self._seen(opening.shows).first.wait_for()
            self._page.evaluate(AT_REST)
            self._seen(opening.shows).first.scroll_into_view_if_needed()
        expect(self._seen(opening.shows).first).to_be_in_viewport()  # a drawer exists before it slides in

    def _do(self, press: str) -> None:
        kind, _, what = press.partition("=")
        if press == A_PHOTO:
            self._page.locator(".photo-picker input[type=file]").first.set_input_files(photo())
        elif press == A_CARD:
            self._page.locator(".card-import-place input[type=file]").set_input_files(card())
        elif kind == "keys":
            self._page.keyboard.press(what)
        elif kind == "text":
            self._page.keyboard.insert_text(what)
        else:
            control = self._control(press)
            control.scroll_into_view_if_needed()
            self._page.evaluate(AT_REST)
            if not control.evaluate(IS_OPEN):
                control.click(button="right" if kind == "right" else "left")

    def _close(self, visit: Visit, opening: Opening) -> None:
        for _press in opening.presses:
            self._page.keyboard.press("Escape")
        self._page.evaluate(AT_REST)
        if self._seen(LAID_OVER).count():
            self._page.reload()
            self._arrive(visit)

    def _have(self, look: Look) -> None:
        if not self._had or look.width != self._had.width:
            touch = look.width <= TOUCHED
            self._protocol.send(
                "Emulation.setTouchEmulationEnabled", {"enabled": touch, "maxTouchPoints": 5 if touch else 1}
            )
            self._page.set_viewport_size({"width": look.width, "height": HEIGHTS.get(look.width, 900)})
        if not self._had or look.theme != self._had.theme:
            self._page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
        self._had = look
        if not self._is_offline:  # a drawer is opened by the server
            self._page.wait_for_function(DRAWERS_FIT)
        self._page.evaluate(AT_REST)

    def _control(self, press: str) -> Locator:
        if press.startswith(("css=", "right=")):
            return self._seen(press.partition("=")[2]).first
        name = self._texts(press)
        found = self._page.locator("summary", has_text=name)
        for role in ("button", "tab", "menuitem", "radio"):
            found = found.or_(self._page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")))
        return found.locator("visible=true").first

    def _seen(self, selector: str) -> Locator:
        return self._page.locator(selector).locator("visible=true")

    def leave(self) -> None:
        self._context.close()


@cache
def photo() -> FilePayload:
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": saved(Image.new("RGB", (800, 600), RED), "JPEG")}


@cache
def card() -> FilePayload:
    entries = [{"keys": ["Арбат", LONG_WORD], "content": "Вторая лавка.", "enabled": True}]
    told = v3(description=LONG_WORD, tags=["книги", LONG_WORD], character_book={"entries": entries})
    return {"name": f"{LONG_WORD}.png", "mimeType": "image/png", "buffer": png(text(told))}


@dataclass(frozen=True)
class Walk:
    """A pass over a page: its language, with or without the announcement, and the looks."""

    language: str
    announced: bool
    looks: list[Look]

    def __str__(self) -> str:
        return f"{self.language}, {'with' if self.announced else 'without'} announcement"


def walks_of(number: int, *, whole: bool) -> Iterator[Walk]:
    """Passes over the page with this number: all there are, or one that differs from its neighbours'."""
    if whole:
        every = [Look(width, theme, axe=width in {390, 1440}) for width in WIDTHS for theme in THEMES]
        for language in ("ru", "en"):
            for announced in (False, True):
                yield Walk(language, announced, every)
        return
    first, second = THEMES if number % 2 else THEMES[::-1]
    looks = [Look(360, first, axe=True), *([Look(1440, second)] if number % 3 == 0 else [])]
    yield Walk(("ru", "en")[number % 2], announced=number // 2 % 2 == 0, looks=looks)


def looks_into(opening: Opening, looks: list[Look], *, whole: bool) -> list[Look]:
    """Looks at an opening: all that are possible, or the first."""
    possible = [look for look in looks if look.width in opening.widths]
    if whole:
        return possible
    width = next(each for each in WIDTHS if each in opening.widths)
    return possible[:1] or [Look(width, looks[0].theme, axe=True)]

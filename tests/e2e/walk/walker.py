"""Who walks: opens a page, makes the window narrower and wider, the theme light and dark, and looks around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from domain.language import Texts
from tests.e2e.people import wait_for_line
from tests.e2e.walk.ground import Ground
from tests.e2e.walk.visits import LAID_OVER, Opening, Visit

WIDTHS = (360, 390, 768, 1024, 1280, 1440)
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
GRAVE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(({impact}) => ["serious", "critical"].includes(impact))
  .flatMap(({id, impact, nodes}) => nodes.map(({html, failureSummary}) =>
    `${impact} ${id}: ${html.slice(0, 160)}: ${failureSummary.replace(/\\s+/g, " ").slice(0, 240)}`))"""


@dataclass(frozen=True)
class Look:
    """At what is looked: a width, a theme, and whether by axe, too, which takes longest."""

    width: int
    theme: str
    axe: bool = False

    def __str__(self) -> str:
        return f"{self.width} px, {self.theme}"


class Walker:
    """One browser with one page. It has put the announcement away, or has not."""

    def __init__(self, browser: Browser, url: str, ground: Ground, *, announced: bool) -> None:
        self._url = url
        self._ground = ground
        self._context = browser.new_context(locale="ru-RU", timezone_id="Europe/Moscow", reduced_motion="reduce")
        self._context.add_init_script(path=LOOK)
        self._context.add_init_script(path=AXE)
        self._page: Page = self._context.new_page()
        self._page.set_default_timeout(15_000)
        self._protocol = self._context.new_cdp_session(self._page)
        if not announced:
            self._put_away()

    def _put_away(self) -> None:
        self._page.goto(self._url)
        announcement = self._page.locator(".announcement")
        announcement.get_by_role("button").click()
        announcement.wait_for(state="detached")

    def open(self, visit: Visit, language: str, look: Look) -> None:
        self._texts = Texts(language)
        self._context.clear_cookies(name="beseda")
        cookies = {"beseda_language": language} | ({"beseda": self._ground.cookies[visit.who]} if visit.who else {})
        self._context.add_cookies([{"name": name, "value": value, "url": self._url} for name, value in cookies.items()])
        self._have(look)
        self._page.goto(self._url + visit.address.format(**self._ground.places))
        self._arrive(visit)

    def _arrive(self, visit: Visit) -> None:
        wait_for_line(self._page)
        self._page.locator(visit.shows).first.wait_for()

    def look(self, look: Look) -> list[str]:
        """What is wrong with what is there, looked at like this."""
        self._have(look)
        found: list[str] = self._page.evaluate("touch => lookAround(touch)", look.width <= TOUCHED)
        if look.axe:
            found += self._page.evaluate(GRAVE)
        return [f"{look}, {self._texts.language}: {each}" for each in found]

    def look_into(self, visit: Visit, opening: Opening, look: Look) -> list[str]:
        """The same of what can be opened there, which is closed again."""
        self._have(look)
        for press in opening.presses:
            control = self._control(press)
            control.scroll_into_view_if_needed()
            self._page.evaluate(AT_REST)
            control.click()
        expect(self._seen(opening.shows).first).to_be_in_viewport()  # a drawer is there before it is drawn out
        found = self.look(look)
        for _press in opening.presses:
            self._page.keyboard.press("Escape")
        if self._seen(LAID_OVER).count():
            self._page.reload()
            self._arrive(visit)
        return [f"{' → '.join(opening.presses)}: {each}" for each in found]

    def _have(self, look: Look) -> None:
        touch = look.width <= TOUCHED
        self._protocol.send(
            "Emulation.setTouchEmulationEnabled", {"enabled": touch, "maxTouchPoints": 5 if touch else 1}
        )
        self._page.set_viewport_size({"width": look.width, "height": HEIGHTS.get(look.width, 900)})
        self._page.emulate_media(color_scheme="dark" if look.theme == "dark" else "light")
        self._page.wait_for_function(DRAWERS_FIT)
        self._page.evaluate(AT_REST)

    def _control(self, press: str) -> Locator:
        if press.startswith("css="):
            return self._seen(press).first
        name = self._texts(press)
        found = self._page.locator("summary", has_text=name)
        for role in ("button", "tab", "menuitem"):
            found = found.or_(self._page.get_by_role(role, name=re.compile(f"^{re.escape(name)}")))
        return found.locator("visible=true").first

    def _seen(self, selector: str) -> Locator:
        return self._page.locator(selector).locator("visible=true")

    def leave(self) -> None:
        self._context.close()


def looks_of(number: int, *, whole: bool) -> Iterator[tuple[str, bool, list[Look]]]:
    """Language, whether announced, and the looks at the page with this number: all of them, or a covering few."""
    if whole:
        every = [Look(width, theme, axe=width in {390, 1440}) for width in WIDTHS for theme in THEMES]
        yield from ((language, announced, every) for language in ("ru", "en") for announced in (False, True))
        return
    first, second = THEMES if number % 2 else THEMES[::-1]
    looks = [Look(360, first, axe=True), Look(1440, second)]
    yield ("ru", "en")[number % 2], number // 2 % 2 == 0, looks


def looks_into(opening: Opening, looks: list[Look], place: int, *, whole: bool) -> list[Look]:
    """At what can be opened there: all that are possible, or one."""
    possible = [look for look in looks if look.width in opening.widths]
    if whole:
        return possible
    return [
        possible[place % len(possible)]
        if possible
        else Look(next(each for each in WIDTHS if each in opening.widths), THEMES[0])
    ]

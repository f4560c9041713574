"""Character details: the text half of a character's page."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from domain.characters.macros import Macros
from domain.characters.relation import Relation
from domain.macros.context import MacroContext
from domain.model.character import Character
from ui.app import App
from ui.cards.card_export import CardExport
from ui.gallery.character_actions import CharacterActions
from ui.gallery.character_stats import character_stats, feedback_words
from ui.gallery.greetings import Greetings
from ui.gallery.rating import Rating
from ui.gallery.share_button import ShareButton
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.heading import Heading
from ui.widgets.labels import gender_words, language_words, made_up_note
from ui.widgets.menu import Menu, menu_item


class CharacterAbout:
    """`known` is the reader's relation to the character."""

    def __init__(self, app: App, reader: Reader, character: Character, author: str, known: Relation) -> None:
        self._app = app
        self._reader = reader
        self._character = character
        self._known = known
        self._is_own = reader.user is not None and reader.user.id == character.owner_id
        self._actions = CharacterActions(
            app, reader, changed=partial(ui.navigate.to, f"/?tab=mine&deleted={character.id}")
        )
        with ui.element("div").classes("about") as self._place:
            self._who(author)
            self._badges()
            self._numbers = ui.element("p").classes("about-numbers")
            self._show_numbers()
            self._ways()
            self._texts()
            self._rating()

    def _who(self, author: str) -> None:
        _, character = self._reader._, self._character
        with ui.element("div").classes("about-head"):
            Heading(character.name)
            if character.teaser:
                ui.label(character.teaser).classes("lead")
            with ui.element("p").classes("muted"):
                facts = (gender_words(_)[character.gender], character.age_mark.value, self._language())
                TextElement(tag="span", text=" · ".join((*filter(None, facts), "")))
                ui.link(_("by {author}", author=author), f"/?author={character.owner_id}").classes("author-link")
            ui.label(made_up_note(_, character)).classes("muted")

    def _language(self) -> str:
        """The language of its card, if it is another one than the reader's."""
        character, _ = self._character, self._reader._
        return "" if character.language == _.language else language_words(_).get(character.language, "")

    def _badges(self) -> None:
        _, character = self._reader._, self._character
        notes = [
            (character.is_blocked, "bad", _("Blocked by an admin: nobody can continue chatting")),
            (character.is_hidden, "", _("Hidden by an admin: not shown in the gallery")),
            (not character.is_public, "", _("Private: only its author and the admins can see it")),
        ]
        if any(is_so for is_so, _kind, _words in notes):
            with ui.element("div").classes("badges"):
                for is_so, kind, words in notes:
                    if is_so:
                        ui.label(words).classes(f"badge-note {kind}")

    def _show_numbers(self) -> None:
        self._numbers.clear()
        with self._numbers:
            _, feedback = self._reader._, self._known.feedback
            for words in chain(character_stats(_, self._character), feedback_words(_, feedback)):
                TextElement(tag="span", text=words)

    def _ways(self) -> None:
        _, known = self._reader._, self._known
        with ui.element("div").classes("actions"):
            if known.dialog_id:
                ui.link(_("Continue"), f"/chat/{known.dialog_id}").classes("button")
                self._button("begin", _("New chat")).props("outline")
            elif not self._character.is_blocked:
                self._button("begin", _("Start chat")).props("unelevated color=primary")
            if self._reader.user:
                self._star()
            if self._character.is_public:
                ShareButton(_, f"/characters/{self._character.id}", self._character.name)
            if self._character.may_be_changed_by(self._reader.user):
                ui.link(_("Edit"), f"/characters/{self._character.id}/edit").classes("button quiet")
            if self._reader.user and not self._is_own:
                self._button("report", _("Report")).props("flat")
            if self._reader.user:
                self._more()

    def _more(self) -> None:
        """The menu of less frequent actions."""
        _, character = self._reader._, self._character
        secret = character.may_be_changed_by(self._reader.user)
        export = CardExport(_, character.id, character.name, secret=secret)
        with ui.button("⋯", color=None).props("outline").classes("about-more") as opener:
            opener.props["aria-label"] = _("Actions: {name}", name=character.name)
            Menu(opener, lambda: self._entries(lambda: export.open(opener)))

    def _entries(self, export: Callable[[], None]) -> None:
        _ = self._reader._
        menu_item(_("Export card"), export)
        if self._is_own:
            menu_item(_("Duplicate"), partial(self._perform, "duplicate"))
            menu_item(_("Delete"), partial(self._perform, "delete")).classes("text-negative")

    async def _perform(self, name: str) -> None:
        with self._place:  # a question asked inside the menu would disappear with it
            await self._actions.perform(name, self._character.id, self._character.name)

    def _button(self, name: str, words: str) -> ui.button:
        async def perform() -> None:
            button.disable()
            await self._perform(name)
            button.enable()

        button = ui.button(words, on_click=perform, color=None)
        return button

    def _star(self) -> None:
        _ = self._reader._
        star = ui.button(color=None).props("outline").classes("about-star")
        star.props["aria-label"] = _("Favourite: {name}", name=self._character.name)
        is_favourite = self._known.is_favourite

        def show() -> None:
            star.set_text("★" if is_favourite else "☆")
            star.props["aria-pressed"] = str(is_favourite).lower()
            star.props["title"] = _("Remove from favourites") if is_favourite else _("Add to favourites")
            star.update()

        async def turn() -> None:
            nonlocal is_favourite
            with show_errors(self._reader):
                wish = not is_favourite
                await self._app.characters.favourites.set_favourite(
                    self._reader.must_be_logged_in(), self._character.id, wish
                )
                is_favourite = wish
            show()

        star.on_click(turn)
        show()

    def _texts(self) -> None:
        _, character = self._reader._, self._character
        if character.interests:
            with ui.element("div").classes("chips"):
                for interest in character.interests:
                    ui.link(interest, f"/?{urlencode({'with': interest})}").classes("chip")
        language, zone = character.language or _.language, ZoneInfo(self._reader.preferences.zone)
        macros = Macros(character, self._reader.user, MacroContext(language=language, zone=zone))
        if bio := macros.fill(character.bio, "bio").strip():
            ui.label(bio).classes("bio")
        if character.notes:
            self._notes()
        greetings = [macros.fill(character.greeting, "greeting")]
        greetings = [*greetings, *macros.fill_all("other_greetings", character.other_greetings)]
        if shown := [words for words in greetings if words.strip()]:
            Greetings(_, shown)

    def _notes(self) -> None:
        _ = self._reader._
        first, _gap, rest = self._character.notes.partition("\n\n")
        with ui.element("section").classes("notes"):
            Heading(_("Author's notes"), level=2)
            TextElement(tag="p", text=first)
            if rest.strip():
                with ui.element("details").classes("fold"):
                    TextElement(tag="summary", text=_("more"))
                    TextElement(tag="p", text=rest.strip())

    def _rating(self) -> None:
        _ = self._reader._
        if self._is_own:
            return
        if not self._known.has_talked:
            ui.label(_("Chat first to rate.")).classes("muted")
            return
        kept = self._known.vote
        rating = Rating(_, kept)

        async def rate(event: GenericEventArguments) -> None:
            nonlocal kept
            said = ""
            with show_errors(self._reader):
                caller, value = self._reader.must_be_logged_in(), int(event.args)
                await self._app.characters.votes.rate(caller, self._character.id, value or None)
                kept, said = value, _("Thanks, your rating is saved.") if value else _("Rating removed.")
                self._character, _author = await self._app.characters.characters.get(caller, self._character.id)
                self._show_numbers()
            rating.told(kept, said)  # a refused mark goes back to the saved one

        rating.on("rate", rate)

"""Admin dashboard: numbers with their change, when people come, which models answer, who is talked with most."""

from __future__ import annotations

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_day_names
from nicegui import ui

from domain.llm.model_names import readable_names
from domain.services.groups import AdminServices
from domain.statistics.daily_totals import Rank
from domain.statistics.period_stats import PeriodStats, Point
from ui.admin.shell.admin_table import AdminRows
from ui.admin.shell.chart import Chart, Series, Shape
from ui.admin.shell.frame import admin_frame, admin_head
from ui.admin.shell.guard import admin_page
from ui.admin.shell.period import PeriodChoice, chosen_period, period_picker
from ui.admin.statistics.leaderboards import feedback_columns, feedback_rows, rank_names, top_rows, tops_columns
from ui.admin.statistics.numbers import AutoRefresh, HeatMap, Tiles
from ui.admin.statistics.tiles import tiles
from ui.app import App
from ui.request.errors import show_errors
from ui.request.visitor import Reader
from ui.widgets.heading import Heading

HERE = "/admin"


def register(app: App) -> None:
    @admin_page(app, HERE)
    async def overview(reader: Reader, period: str = "", since: str = "", until: str = "", top: str = "") -> None:
        _ = reader._
        rank = Rank(top) if top in set(Rank) else Rank.REPLIES
        page = _Overview(app.admin, reader, chosen_period(reader, period, since, until), rank)
        figures = await page.read()
        async with admin_frame(app, reader, _("Overview"), here=HERE):
            with admin_head(_("Overview")):
                AutoRefresh(_("Live updates"), lambda: page.renew(period, since, until))
            period_picker(reader, page.chosen, HERE)
            page.lay_out(figures)


class _Overview:
    def __init__(self, admin: AdminServices, reader: Reader, chosen: PeriodChoice, rank: Rank) -> None:
        self._admin = admin
        self._reader = reader
        self._zone = ZoneInfo(reader.preferences.zone)
        self._rank = rank
        self.chosen = chosen

    async def read(self) -> PeriodStats:
        caller = self._reader.must_be_logged_in()
        return await self._admin.overview.of(caller, self.chosen.period, self._zone, self._rank)

    async def renew(self, period: str, since: str, until: str) -> None:
        """Read the numbers again; a span that ends now has moved on."""
        self.chosen = chosen_period(self._reader, period, since, until)
        with show_errors(self._reader):
            self._show(await self.read())

    def lay_out(self, figures: PeriodStats) -> None:
        _ = self._reader._
        self._tiles = Tiles(tiles(self._reader, figures, self.chosen))
        with self._part(_("Messages and users")):
            of = _("Hour") if figures.by_hour else _("Day")
            self._talk = Chart(_, _("Messages and users"), of, *self._talk_of(figures))
        with ui.element("div").classes("admin-pair"):
            with self._part(_("When people write")):
                days = get_day_names("abbreviated", locale=_.language)
                self._heat = HeatMap(_("When people write"), [days[day] for day in range(7)], figures.heat)
            with self._part(_("Tokens by model")):
                self._models = Chart(
                    _, _("Tokens by model"), _("Model"), *self._models_of(figures), shape=Shape.LYING_BARS
                )
        with ui.element("div").classes("admin-pair"):
            with self._part(_("Most popular characters")):
                self._rank_picker(_("Most popular characters"))
                self._characters = self._top(_("Character"))
            with self._part(_("Most active users")):
                self._rank_picker(_("Most active users"))
                self._people = self._top(_("User"))
        with self._part(_("Feedback on replies by model, all time")):
            self._feedback = AdminRows(
                feedback_columns(_), [], caption=_("Feedback on replies by model, all time"), empty=_("None yet.")
            )
        self._show_tops(figures)

    def _show(self, figures: PeriodStats) -> None:
        self._tiles.show(tiles(self._reader, figures, self.chosen))
        self._talk.show(*self._talk_of(figures))
        self._heat.show(figures.heat)
        self._models.show(*self._models_of(figures))
        self._show_tops(figures)

    def _show_tops(self, figures: PeriodStats) -> None:
        _ = self._reader._
        self._characters.show(top_rows(_, figures.top_characters, "/admin/characters", self._rank))
        self._feedback.show(feedback_rows(_, figures.feedback))
        self._people.show(top_rows(_, figures.top_people, "/admin/users", self._rank))

    def _part(self, title: str) -> ui.element:
        with ui.element("section").classes("admin-part") as part:
            Heading(title, level=2)
        return part

    def _top(self, of: str) -> AdminRows:
        _ = self._reader._
        return AdminRows(tops_columns(_, of), [], caption=of, empty=_("Nobody yet."))

    def _rank_picker(self, whose: str) -> None:
        _ = self._reader._
        with ui.element("nav").classes("chips") as orders:
            orders.props["aria-label"] = _("Sort by: {list}", list=whose)
            for rank, name in rank_names(_).items():
                link = ui.link(name, f"{HERE}?{urlencode(self.chosen.asked | {'top': rank.value})}").classes("chip")
                if rank == self._rank:
                    link.props("aria-current=true")

    def _talk_of(self, figures: PeriodStats) -> tuple[list[str], list[Series]]:
        _ = self._reader._
        labels = [self._label(point, by_hour=figures.by_hour) for point in figures.series]
        return labels, [
            Series(_("Messages"), [point.messages for point in figures.series]),
            Series(_("People"), [point.people for point in figures.series]),
        ]

    def _models_of(self, figures: PeriodStats) -> tuple[list[str], list[Series]]:
        _ = self._reader._
        names = readable_names(each.model for each in figures.models)
        return [names[each.model] or _("unknown") for each in figures.models], [
            Series(_("read"), [each.tokens_in for each in figures.models]),
            Series(_("written"), [each.tokens_out for each in figures.models]),
        ]

    def _label(self, point: Point, *, by_hour: bool) -> str:
        pattern = "d MMM HH:mm" if by_hour else "EEEEEE, d MMM"
        return format_datetime(point.begins, pattern, tzinfo=self._zone, locale=self._reader._.language)

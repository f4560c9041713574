"""Markdown rendering: what people and models write, as safe HTML."""

import re
import time
from html import unescape

import pytest

from ui.chat.markdown.to_html import to_html


def html_of(text: str) -> str:
    """The HTML without the direction of each block (see below)."""
    return to_html(text).replace(' dir="auto"', "")


def seen(html: str) -> str:
    """The visible text of the HTML, with a new line at each break and paragraph."""
    lines = re.sub(r"<br>|</p><p>", "\n", html)
    return unescape(re.sub(r"<[^>]*>", "", lines))


def test_actions_in_asterisks_are_emphasised() -> None:
    assert html_of("*Колокольчик звякает.* Проходите!") == "<p><em>Колокольчик звякает.</em> Проходите!</p>"


def test_bold_struck_and_code_are_shown() -> None:
    html = html_of("**да** ~~нет~~ `x < y`")
    assert html == "<p><strong>да</strong> <del>нет</del> <code>x &lt; y</code></p>"


def test_a_new_line_stays_a_new_line() -> None:
    assert html_of("первая\nвторая\n\nтретья") == "<p>первая<br>вторая</p><p>третья</p>"


def test_lists_and_quotes_are_shown_and_numbers_are_kept() -> None:
    html = html_of("5. пять\n6. шесть\n   - внутри\n\n> сказано")
    assert html == (
        '<ol start="5"><li>пять</li><li>шесть<ul><li>внутри</li></ul></li></ol><blockquote><p>сказано</p></blockquote>'
    )


def test_a_block_of_code_keeps_its_lines_and_signs() -> None:
    assert html_of("```\nif a < b:\n    c\n```") == '<pre tabindex="0"><code>if a &lt; b:\n    c\n</code></pre>'


@pytest.mark.parametrize("fence", ["```", "~~~~"])
@pytest.mark.parametrize("words", ["py", "Она шепчет: <b>иди</b>", "[Аня]: Привет"])
def test_words_behind_an_opening_fence_are_shown_above_the_block(fence: str, words: str) -> None:
    assert seen(html_of(f"{fence}{words}\nx\n{fence}\nи ещё")).startswith(words)
    assert words in seen(html_of(f"и ещё\n\n{fence}{words}")), "also where the fence is never closed"


def test_a_table_is_shown_as_one() -> None:
    html = html_of("| Имя | Что |\n|---|---:|\n| *Аня* | 1 |")
    assert html == "<table><tr><th>Имя</th><th>Что</th></tr><tr><td><em>Аня</em></td><td>1</td></tr></table>"


def test_a_table_that_is_a_flood_of_empty_cells_is_shown_as_typed() -> None:
    typed = "|a" * 1000 + "|\n" + "|-" * 1000 + "|" + "\n|b" * 1000
    assert seen(html_of(typed)) == typed


def test_an_indented_line_is_a_paragraph_not_a_program() -> None:
    assert html_of("    Жили-были") == "<p>Жили-были</p>"


def test_a_heading_is_a_bold_paragraph() -> None:
    assert html_of("# Глава") == "<p><strong>Глава</strong></p>"


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "<style>body{display:none}</style>",
        "<form><input></form>",
        "<div>\nвнутри\n</div>",
        "<!-- тайна -->",
        "текст <b>жирно</b> текст",
        "| a | b |",
        "[Аня]: Привет",
        "[Аня]: Привет\nи ещё",
        "#",
        ">",
        "[сноска][1]",
    ],
)
def test_what_is_not_markdown_here_is_seen_as_typed(typed: str) -> None:
    html = html_of(typed)
    assert seen(html) == typed
    assert not re.search(r"<(?!/?(p|br)>)", html)


def test_a_web_link_opens_elsewhere_and_tells_nothing_about_us() -> None:
    html = html_of("[сайт](https://example.org/?a=1&b=2)")
    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert 'target="_blank"' in html
    assert 'rel="noopener nofollow noreferrer"' in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "/logout",
        "//evil.example",
        "&#106;avascript:x",
    ],
)
def test_a_link_to_anything_but_the_web_is_only_text(target: str) -> None:
    html = html_of(f"[жми]({target})")
    assert html == "<p>жми</p>"


def test_a_picture_is_not_loaded_but_linked() -> None:
    html = html_of("![кот](https://example.org/cat.png)")
    assert "<img" not in html
    assert seen(html) == "кот"
    assert 'href="https://example.org/cat.png"' in html


def test_a_picture_within_a_link_opens_no_link_within_it() -> None:
    html = html_of("[![кот](https://example.org/cat.png) и пёс](https://example.org/pets)")
    assert html.count("<a ") == html.count("</a>") == 1
    assert seen(html) == "кот и пёс"
    assert 'href="https://example.org/pets"' in html


def test_a_link_without_words_shows_where_it_leads() -> None:
    assert seen(html_of("![](https://example.org/cat.png) [](note)")) == "https://example.org/cat.png note"


def test_quotes_in_a_link_do_not_break_out_of_it() -> None:
    html = html_of('[x](https://example.org/"onmouseover="alert(1))')
    assert "onmouseover=" not in re.sub(r'href="[^"]*"', "", html)


def test_nothing_typed_makes_no_paragraph() -> None:
    assert html_of(" \n") == ""


def test_every_outermost_block_runs_in_the_direction_of_its_own_first_letter() -> None:
    arabic = "مرحبا! كيف حالك اليوم؟"
    assert to_html(f"Привет!\n\n{arabic}") == f'<p dir="auto">Привет!</p><p dir="auto">{arabic}</p>'
    for text, tag in (
        (f"- {arabic}", "ul"),
        (f"1. {arabic}", "ol"),
        (f"> {arabic}", "blockquote"),
        ("|a|\n|-|", "table"),
    ):
        assert re.fullmatch(rf'<{tag}[^>]* dir="auto"><.*', to_html(text))
        assert to_html(text).count("dir=") == 1, "a block whose words have a direction of their own has none by them"
    assert "dir=" not in to_html("```\na = b\n```")


@pytest.mark.parametrize(
    "formula",
    [
        r"\(x_1 + y_1\)",
        r"\[ E = mc^2 \]",
        r"\(f^*(x) * g^*(x)\)",
        r"\(\{a, b\} \\ c\)",
        r"$$\sum_{i=1}^n x_i * y_i$$",
        "$a*b_1*c$",
        "\\[\n- a_1\n= b\n\\]",
    ],
)
def test_a_formula_stays_as_it_was_written(formula: str) -> None:
    assert seen(html_of(f"Вот: {formula}, *да*?")) == f"Вот: {formula}, да?"
    assert html_of(formula).startswith("<p>"), "no list, no heading"
    assert seen(html_of(f"| a | b |\n|---|---|\n| \\(|x|\\) | {formula.splitlines()[0]} |")).count("|x|") == 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"\*не курсив\* и C:\dir", r"*не курсив* и C:\dir"),
        ("Это стоит $5, а *то* $6_000.", "Это стоит $5, а то $6_000."),
        ("```\n\\(.*\n```\n*да* \\)", "\\(.*\nда \\)"),
        (r"`\(a` *b* `\)`", r"\(a b \)"),
        ("\\( не кончена\n\n*да*", "\\( не кончена\nда"),
        ("a\ufdd1b\ufdefc", "a\ufffdb\ufffdc"),
    ],
)
def test_what_only_looks_like_a_formula_hides_nothing_else(typed: str, shown: str) -> None:
    assert seen(html_of(typed)).rstrip() == shown


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("Смотри на https://example.org/a?b=1 и скажи.", "https://example.org/a?b=1"),
        ("Это https://example.org.", "https://example.org"),
        ("(см. https://example.org/a)", "https://example.org/a"),
        ("(https://ru.wikipedia.org/wiki/Беседа_(слово)),", "https://ru.wikipedia.org/wiki/Беседа_(слово)"),
        ("«https://example.org/»", "https://example.org/"),
        ("Открой HTTP://Example.org/A!", "HTTP://Example.org/A"),
        ("*https://example.org/a*", "https://example.org/a"),
        ("**Вот: https://example.org/_x_y_z?a=*&b=~~**", "https://example.org/_x_y_z?a=*&b="),
        ("| a |\n|---|\n| https://example.org/a|", "https://example.org/a"),
        ("<https://example.org/a>", "https://example.org/a"),
        ("[https://example.org/a]", "https://example.org/a"),
        ("https://example.org/a\u202egpj.exe", "https://example.org/a"),
        ("https://example.org/\\(x_1\\)", "https://example.org/"),
    ],
)
def test_a_bare_address_is_a_link_that_shows_all_of_it(typed: str, address: str) -> None:
    href = address.replace("&", "&amp;")
    opening = f'<a href="{href}" target="_blank" rel="noopener nofollow noreferrer">'
    assert html_of(typed).count("<a ") == 1
    assert f"{opening}{href}</a>" in html_of(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://example.org",
        "javascript://example.org",
        "example.org",
        "https://",
        "http://.",
        "xhttps://a.b",
        "`https://a.b`",
    ],
)
def test_no_other_address_is_a_link(typed: str) -> None:
    assert "<a" not in html_of(typed)


def test_an_address_as_the_words_of_a_link_leads_where_the_link_does() -> None:
    html = html_of("[https://example.org](https://example.com/(a))")
    assert html.count("<a ") == 1
    assert 'href="https://example.com/(a)"' in html
    assert seen(html) == "https://example.org"


def test_half_an_emoji_does_not_break_the_page() -> None:
    assert seen(html_of("a\ud83db")) == "a?b"


def test_a_row_of_stars_is_a_scene_break() -> None:
    assert html_of("* " * 40) == "<hr>"


SLACK = 10
"""Four times as long: linear work costs 4 times as much, quadratic work 16 times."""
NOISE = 0.005  # seconds, below which a clock tells little


@pytest.mark.parametrize("mark", [">", "> ", "- ", "> - ", "1. "])
def test_absurd_nesting_is_shown_as_typed(mark: str) -> None:
    typed = mark * 8000 + "конец"
    assert seen(html_of(typed)) == typed


def test_nesting_over_many_lines_is_shown_as_typed() -> None:
    typed = "\n".join("  " * depth + "- вглубь" for depth in range(100))
    assert seen(html_of(typed)) == typed


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "https://a",
        "https://a)",
        "https://a.,",
        r"\(",
        "$$",
        "$_",
        "$_ ",
        ">",
        "[",
        "![",
        "[](",
        "- ",
        "* a\n",
        "*_",
        "~*",
        "<",
        "<b>\n\n",
        "&",
        "a\n=\n",
        "# a\n",
        "\n\t>-\n-",
        "`a``",
        "\\",
        "```\n",
    ],
)
def test_four_times_as_much_of_anything_costs_about_four_times_as_much(unit: str) -> None:
    def hostile(length: int) -> str:
        return unit * (length // len(unit))

    assert _cost(hostile(64_000)) < SLACK * _cost(hostile(16_000)) + NOISE


@pytest.mark.slow
@pytest.mark.parametrize("mark", [">", "- "])
def test_lazy_lines_after_a_deep_quote_cost_no_more_than_their_length(mark: str) -> None:
    def lazy(lines: int) -> str:
        return mark * lines + "a\n" + "b\n" * lines

    assert _cost(lazy(16_000)) < SLACK * _cost(lazy(4_000)) + NOISE


def _cost(text: str) -> float:
    """CPU seconds of this thread, the best of five: the machine's other work is not measured."""

    def once() -> float:
        start = time.thread_time()
        html_of(text)
        return time.thread_time() - start

    return min(once() for _ in range(5))

"""An import that is interrupted, by a lost connection, a refusal, a log-out: nothing is lost, nothing is kept twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.arrivals import arrive
from tests.e2e.cards.dropping import drop
from tests.e2e.cards.import_window import BOOK, named, rows_of, window_of
from tests.e2e.people import Person, wait_for_line


@pytest.mark.slow
@pytest.mark.expects_console("ERR_INTERNET_DISCONNECTED", "429")
@pytest.mark.breaks_the_line
def test_a_lost_connection_and_a_limit_are_told_and_the_file_is_still_there(person: Callable[[str], Person]) -> None:
    maria = person("Maria")
    arrive(maria)
    page = maria.page
    maria.open("/")
    maria.context.set_offline(True)
    drop(page, {"Аглая.png": named("Аглая")})
    window = window_of(maria)
    expect(window.get_by_role("alert")).to_contain_text("Связи нет. Импорт продолжится сам")
    maria.context.set_offline(False)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()

    def too_often(route: Route) -> None:
        route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": "Слишком часто. Снова в 12:40."})

    page.route("**/feed/cards?*", too_often, times=1)
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_role("alert")).to_contain_text("Снова в 12:40.")
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()


def cards(number: int) -> dict[str, bytes]:
    return {f"{each}.png": named(f"Карточка {each}") for each in range(number)}


@pytest.mark.slow
@pytest.mark.expects_console("ERR_INTERNET_DISCONNECTED")
@pytest.mark.breaks_the_line
def test_while_the_line_is_away_all_wait_and_then_they_go_on_by_themselves(person: Callable[[str], Person]) -> None:
    vera = person("Vera")
    arrive(vera)
    page = vera.page
    vera.open("/")
    drop(page, cards(7))
    window, rows = window_of(vera), rows_of(vera)
    expect(window.get_by_role("status").last).to_contain_text("Прочитано: 7 из 7.")
    vera.context.set_offline(True)
    window.get_by_role("button", name="Импортировать всё (7)").click()
    expect(window.get_by_role("alert")).to_contain_text("Связи нет.")
    expect(window.get_by_role("button", name="Импортировать всё")).to_be_visible()
    expect(rows.filter(has_text="Не удалось отправить файл")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(window.get_by_text("Ещё не импортировано: 7")).to_be_visible()
    page.keyboard.press("Escape")
    vera.context.set_offline(False)
    expect(window.get_by_role("status").last).to_contain_text("Импортировано: 7 из 7.")
    expect(window.get_by_role("alert")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Карточка 6", exact=True).first).to_be_visible()


@pytest.mark.expects_console("ERR_FAILED")
def test_a_card_whose_answer_is_lost_is_sent_again_by_itself_and_kept_once(person: Callable[[str], Person]) -> None:
    inna = person("Inna")
    arrive(inna)
    page = inna.page
    inna.open("/")
    drop(page, {"Аглая.png": named("Аглая")})
    window = window_of(inna)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()

    def lose(route: Route) -> None:
        assert route.fetch().ok
        route.abort()

    page.route("**/feed/cards?*", lose, times=1)
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()
    mine = inna.context.request.get(f"{inna.product.url}/feed/gallery", params={"tab": "mine"}).json()["cards"]
    assert [card["name"] for card in mine] == ["Аглая"]


@pytest.mark.slow
@pytest.mark.expects_console("ERR_FAILED", "401")
def test_what_may_be_kept_already_is_not_chosen_anew(person: Callable[[str], Person]) -> None:
    olya = person("Olya")
    arrive(olya)
    page = olya.page
    olya.open("/")
    drop(page, {"Аглая.png": named("Аглая", character_book=BOOK)})
    window = window_of(olya)
    window.get_by_label("Возрастная отметка").select_option("12+")
    window.get_by_text("Книга", exact=False).last.click()
    fixed = window.locator(".import-card :is(select, input):disabled")
    expect(window.locator(".import-card :is(select, input)")).to_have_count(3)
    expect(fixed).to_have_count(0)
    waiting: list[Route] = []

    def lose_the_first(route: Route) -> None:
        waiting.append(route)
        if len(waiting) == 1:
            assert route.fetch().ok
            route.abort()

    page.route("**/feed/cards?*", lose_the_first)
    with page.expect_request(lambda request: "/feed/cards?" in request.url and bool(waiting)):  # the second one
        window.get_by_role("button", name="Импортировать").click()
        expect(window.get_by_role("alert")).to_contain_text("Связи нет.")
        expect(fixed).to_have_count(3)
    expect(fixed).to_have_count(3)
    waiting[1].fulfill(status=401, json={"error": "Войдите, пожалуйста."})
    expect(window.get_by_role("alert")).to_contain_text("Войдите")
    expect(fixed).to_have_count(3)
    page.unroute("**/feed/cards?*")
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()


@pytest.mark.slow
@pytest.mark.expects_console("500")
def test_only_what_was_on_its_way_has_failed_and_all_of_it_is_tried_again_at_once(
    person: Callable[[str], Person],
) -> None:
    zoya = person("Zoya")
    arrive(zoya)
    page = zoya.page
    zoya.open("/")
    drop(page, cards(4))
    window, rows = window_of(zoya), rows_of(zoya)
    expect(window.get_by_role("status").last).to_contain_text("Прочитано: 4 из 4.")
    page.route("**/feed/cards?*", lambda route: route.fulfill(status=500, body="<h1>500</h1>"), times=2)
    window.get_by_role("button", name="Импортировать всё (4)").click()
    expect(window.get_by_role("status").last).to_contain_text("Импортировано: 2 из 4. Не вышло: 2.")
    expect(rows.filter(has_text="Не удалось отправить файл")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(window.get_by_text("Ещё не импортировано: 2")).to_be_visible()
    page.keyboard.press("Escape")
    window.get_by_role("button", name="Повторить все (2)").click()
    expect(window.get_by_role("status").last).to_contain_text("Импортировано: 4 из 4.")
    expect(window.get_by_role("button", name="Повторить все")).to_be_hidden()


@pytest.mark.slow
def test_a_page_whose_server_started_anew_is_loaded_once_the_import_is_over(person: Callable[[str], Person]) -> None:
    lena = person("Lena")
    arrive(lena)
    page = lena.page
    lena.open("/")
    drop(page, {"Аглая.png": named("Аглая")})
    window = window_of(lena)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()
    page.evaluate("""() => {
        const refusal = new Error("Implicit handshake failed");
        for (const hear of window.socket.listeners("connect_error")) hear(refusal);
    }""")
    assert page.evaluate("window.moveOn()"), "nor does a server that drains take the list away"
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("Escape")
    wait_for_line(page)


@pytest.mark.slow
@pytest.mark.expects_console("401")
def test_who_is_logged_out_meanwhile_logs_in_beside_the_list(person: Callable[[str], Person]) -> None:
    alla = person("Alla")
    arrive(alla)
    page = alla.page
    alla.open("/")
    drop(page, {"Аглая.png": named("Аглая")})
    window = window_of(alla)
    expect(window.get_by_text("Можно импортировать.")).to_be_visible()
    page.route("**/feed/cards?*", lambda route: route.fulfill(status=401, json={"error": "Войдите, пожалуйста."}))
    window.get_by_role("button", name="Импортировать").click()
    link = window.get_by_role("alert").get_by_role("link", name="Войти")
    expect(link).to_have_attribute("href", "/log-in")
    expect(link).to_have_attribute("target", "_blank")
    page.unroute("**/feed/cards?*")
    window.get_by_role("button", name="Импортировать").click()
    expect(window.get_by_text("Этого персонажа видите только вы")).to_be_visible()
    expect(link).to_be_hidden()


@pytest.mark.slow
@pytest.mark.expects_console("403")
def test_when_no_more_may_come_in_the_rest_stays_in_the_list(person: Callable[[str], Person]) -> None:
    gleb = person("Gleb")
    arrive(gleb)
    page = gleb.page
    gleb.open("/")
    drop(page, {"Аглая.png": named("Аглая"), "Тихон.png": named("Тихон")})
    window = window_of(gleb)
    expect(window.get_by_role("status").last).to_contain_text("Прочитано: 2 из 2.")
    full = {"error": "У вас 2000 персонажей, больше нельзя."}
    page.route("**/feed/cards?*", lambda route: route.fulfill(status=403, json=full))
    window.get_by_role("button", name="Импортировать всё (2)").click()
    expect(window.get_by_role("alert")).to_contain_text("больше нельзя")
    page.unroute("**/feed/cards?*")
    window.get_by_role("button", name="Импортировать всё (2)").click()
    expect(window.get_by_role("status").last).to_contain_text("Импортировано: 2 из 2.")
    expect(window.get_by_role("alert")).to_be_hidden()
    page.keyboard.press("Escape")

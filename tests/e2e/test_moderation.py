"""Moderation: admins' actions and what people see of them, in two browsers at once."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.arrivals import arrive, begin_chat
from tests.e2e.people import AT_ONCE, Person, wait_for_line
from tests.e2e.product import Product
from tests.llm_server import LlmServer

NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


@pytest.fixture(scope="module")
def product(own_product: Product) -> Product:
    return own_product


@pytest.fixture
def somebody(person: Callable[[str], Person]) -> Callable[[str], Person]:
    def come(name: str) -> Person:
        newcomer = person(name)
        arrive(newcomer)
        return newcomer

    return come


@pytest.fixture
def admin(person: Callable[[str], Person]) -> Callable[[str], Person]:
    def come(name: str) -> Person:
        newcomer = person(name)
        arrive(newcomer, is_admin=True)
        return newcomer

    return come


def sql(product: Product, command: str, *values: object) -> Any:
    """The first value that the statement returns, or the id of the row it inserted."""
    with closing(sqlite3.connect(product.data / "beseda.db", timeout=10)) as database, database:
        cursor = database.execute(command, values)
        row = cursor.fetchone()
        return row[0] if row else cursor.lastrowid


def id_of(person: Person) -> int:
    return int(sql(person.product, "SELECT id FROM user WHERE email = ?", person.email))


def character_of(author: Person, name: str) -> int:
    """Insert a public character of the author's; returns its id."""
    made = sql(
        author.product,
        "INSERT INTO character (owner_id, name, name_key, gender, age_mark, teaser, bio, greeting, context, interests,"
        " is_public, created_at, updated_at)"
        f" VALUES (?, ?, ?, 'male', '12+', '', '', 'Купите карту!', 'Пират.', '[]', 1, {NOW}, {NOW})",
        id_of(author),
        name,
        name.lower(),
    )
    return int(made)


def report(by: Person, character_id: int, complaint: str) -> None:
    sql(
        by.product,
        "INSERT INTO report (reporter_id, character_id, complaint, words, state, answer, created_at)"
        f" VALUES (?, ?, ?, '', 'open', '', {NOW})",
        id_of(by),
        character_id,
        complaint,
    )


def wait_until_nothing_runs(product: Product) -> None:
    """Wait until no reply is running: the page is notified before the reply is stopped."""
    give_up = time.monotonic() + AT_ONCE / 1000
    while sql(product, "SELECT count(*) FROM message WHERE state = 'running'"):
        assert time.monotonic() < give_up, "the reply goes on"
        time.sleep(0.02)


def window(admin: Person) -> Locator:
    return admin.page.get_by_role("dialog").last


def choose(admin: Person, field: str, option: str) -> None:
    window(admin).get_by_label(field).click()
    admin.page.get_by_role("option", name=option, exact=True).click()


@pytest.mark.slow
@pytest.mark.loses_access
def test_a_block_in_mid_reply_leads_to_the_reason_and_an_appeal_leads_back(
    somebody: Callable[[str], Person], admin: Callable[[str], Person], llm: LlmServer
) -> None:
    rowdy, ada, eva = somebody("Rowdy"), admin("Ada"), admin("Eva")
    begin_chat(rowdy, "Аглая Ветрова")
    chat = rowdy.page.url
    llm.answer(fault="endless", style="fine", pause=0.2)
    rowdy.say("Расскажите длинную историю")
    expect(rowdy.last_reply).to_contain_text("Хорошо")

    ada.open(f"/admin/users/{id_of(rowdy)}")
    ada.page.get_by_role("button", name="Мера…").click()
    window(ada).get_by_role("radio", name="блокировка").click()
    expect(window(ada)).to_contain_text("В течение секунды")
    choose(ada, "На какой срок", "бессрочно")
    choose(ada, "Причина", "Реклама или обман")
    expect(window(ada).get_by_label("Что прочитает человек")).to_have_value(re.compile("реклама"))
    window(ada).get_by_label("Что прочитает человек").fill("Вы продаёте билеты.")
    window(ada).get_by_role("button", name="Принять меру").click()
    window(ada).get_by_role("button", name="Заблокировать навсегда").click()
    rowdy.page.wait_for_url("**/blocked", timeout=AT_ONCE)
    expect(rowdy.page.get_by_text("Вы продаёте билеты.")).to_be_visible()
    wait_until_nothing_runs(rowdy.product)
    rowdy.open(chat)
    expect(rowdy.page).to_have_url(re.compile("/blocked$"))
    for address in ("/", "/chat", "/profile", "/characters/new"):
        assert rowdy.context.request.get(rowdy.product.url + address).url.endswith("/blocked")
    rowdy.page.get_by_text("Скачать свои чаты", exact=True).click()
    with rowdy.page.expect_download() as download:
        rowdy.page.get_by_role("link", name="Аглая Ветрова").click()
    assert download.value.suggested_filename.endswith(".md")
    rowdy.page.get_by_label("Почему вы не согласны").fill("Это была шутка.")
    ada.open(f"/admin/users/{id_of(rowdy)}?tab=measures")
    ada.page.get_by_role("button", name="Мера…").click()
    window(ada).get_by_role("button", name="Принять меру").click()
    expect(ada.page.locator(".admin-card")).to_have_count(2)
    expect(rowdy.page.get_by_label("Почему вы не согласны")).to_have_value("Это была шутка.")
    rowdy.page.get_by_role("button", name="Возразить").click()
    expect(rowdy.page.get_by_text("Вы уже ответили.")).to_be_visible()

    ada.open("/admin/appeals")
    expect(ada.page.get_by_text("Эту меру приняли вы.")).to_be_visible()
    eva.open("/admin/appeals")
    expect(eva.page.locator(".admin-badge:visible")).to_have_text("1")
    eva.page.get_by_label("Что ответить человеку").fill("Мы ошиблись.")
    eva.page.get_by_role("button", name="Удовлетворить").click()
    expect(eva.page.get_by_text("Готово. Человек узнает об этом.")).to_be_visible()
    expect(eva.page.locator(".admin-badge:visible")).to_have_count(0)
    expect(eva.page.get_by_text("Никто не ждёт ответа.")).to_be_visible()
    expect(eva.page.locator(".admin-said:visible")).to_have_count(0)
    expect(ada.page.locator(".admin-said:visible")).to_contain_text("Показать")
    rowdy.page.wait_for_url(f"{rowdy.product.url}/", timeout=AT_ONCE)
    expect(rowdy.page.locator(".standing")).to_contain_text("решение отменено")
    rowdy.page.get_by_role("link", name="Прочитать").click()
    expect(rowdy.page.get_by_text("Мы ошиблись.")).to_be_visible()


@pytest.mark.slow
def test_a_reported_word_becomes_a_measure_that_the_author_answers_by_mending(
    somebody: Callable[[str], Person], admin: Callable[[str], Person]
) -> None:
    mira, leo, vera = somebody("Mira"), somebody("Leo"), admin("Vera")
    captain = character_of(leo, "Капитан Гром")
    mira.open(f"/characters/{captain}")
    mira.begin_chat()
    mira.pick(mira.last_reply, "Пожаловаться")
    mira.page.get_by_role("radio", name="Реклама").click()

    vera.open("/admin/reports")
    expect(vera.page.get_by_text("Здесь пусто.")).to_be_visible()
    mira.page.get_by_role("button", name="Отправить жалобу").click()
    expect(vera.page.locator(".admin-badge:visible")).to_have_text("1", timeout=AT_ONCE)
    expect(vera.page.locator(".queue-excerpt")).to_have_text("Купите карту!")
    vera.page.keyboard.press("a")
    window(vera).get_by_role("radio", name="требуется правка").click()
    window(vera).get_by_role("button", name="Принять меру").click()
    expect(window(vera).get_by_text("Укажите, какое поле")).to_be_visible()
    choose(vera, "Что нужно исправить", "Приветствие")
    window(vera).get_by_label("Что с этим не так").fill("Уберите рекламу.")
    window(vera).get_by_role("button", name="Принять меру").click()
    expect(vera.page.get_by_text("Здесь пусто.")).to_be_visible()
    expect(mira.page.locator(".standing")).to_contain_text("Вы были правы", timeout=AT_ONCE)

    vera.open(f"/admin/characters/{captain}?tab=measures")
    expect(vera.page.get_by_text("Приветствие: Уберите рекламу.")).to_be_visible()
    leo.open(f"/characters/{captain}")
    expect(leo.page.locator(".measure-card")).to_contain_text("Что исправить: ПриветствиеУберите рекламу.")
    leo.open(f"/characters/{captain}/edit")
    expect(leo.page.locator(".editor-summary")).to_contain_text("Администратор просит исправить:")
    expect(leo.page.locator(".editor-summary")).not_to_contain_text("Не сохранено")
    leo.open(f"/characters/{captain}")
    leo.page.get_by_role("button", name="Исправлено, проверьте").click()
    expect(leo.page.get_by_text("Вы уже ответили.")).to_be_visible()
    zoya = admin("Zoya")
    zoya.open("/admin/appeals")
    zoya.page.get_by_role("button", name="Удовлетворить").click()
    expect(leo.page.locator(".standing")).to_contain_text("решение отменено", timeout=AT_ONCE)
    leo.page.reload()
    expect(leo.page.get_by_role("heading", name="Капитан Гром")).to_be_visible()
    expect(leo.page.locator(".measure-card")).to_have_count(0)


@pytest.mark.slow
def test_a_conversation_is_opened_with_a_reason_that_the_journal_and_the_person_learn(
    somebody: Callable[[str], Person], admin: Callable[[str], Person], llm: LlmServer
) -> None:
    nina, rita = somebody("Nina"), admin("Rita")
    begin_chat(nina)
    llm.answer("Первый ответ.")
    nina.say("Секрет")
    expect(nina.last_reply).to_contain_text("Первый ответ.")
    llm.answer("Второй ответ.")
    nina.last_reply.get_by_role("button", name="Другой ответ").click()
    expect(nina.last_reply).to_contain_text("Второй ответ.")
    nina.pick(nina.last_reply, "Закрепить в памяти")
    expect(nina.page.get_by_text("Закреплено: персонаж всегда будет это помнить.")).to_be_visible()

    address = f"/admin/dialogs/{nina.page.url.rsplit('/', 1)[-1]}"
    rita.open(address)
    expect(rita.page.get_by_role("heading", name="Nina × Тихон Рогозин")).to_be_visible()
    assert "Секрет" not in rita.page.content()
    refused = rita.context.request.get(rita.product.url + address.replace("/admin", "/admin/feed"))
    assert refused.status == 403, "not by its feed either"
    rita.page.get_by_role("button", name="Открыть диалог").click()
    rita.page.get_by_label("Почему").click()
    rita.page.get_by_role("option", name="просьба о помощи").click()
    rita.page.get_by_label("Своими словами").fill("Nina просила посмотреть")
    rita.page.get_by_role("button", name="Открыть диалог").click()
    expect(rita.page.get_by_text("Вы читаете чужой диалог")).to_be_visible()
    rita.page.get_by_text("Что персонаж помнит").click()
    expect(rita.page.locator(".admin-remembered")).to_contain_text(re.compile(r"Второй ответ\.\s*сообщение №\s\d+"))
    expect(rita.last_reply).to_contain_text(re.compile(r"Второй ответ\..*№\s\d+ · целиком", re.DOTALL))
    expect(nina.page.locator(".standing")).to_contain_text("Администратор читал ваш чат", timeout=AT_ONCE)
    expect(nina.page.locator(".standing")).to_contain_text("просьба о помощи")

    llm.answer("Третий ответ, который растёт.", style="fine", pause=0.05)
    nina.say("Ещё")
    expect(rita.last_reply).to_contain_text("Третий", timeout=AT_ONCE)
    expect(rita.last_reply).to_contain_text("целиком")
    rita.replies.nth(1).get_by_role("button", name="Предыдущий вариант").click()
    expect(rita.last_reply).to_contain_text("Первый ответ.")
    nina.page.reload()
    expect(nina.last_reply).to_contain_text("Третий ответ")  # whatever branch was turned to there

    rita.open(f"/admin/journal?action=dialog.opened&person={id_of(nina)}")
    entry = rita.page.locator(".admin-table tbody tr")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("… просила посмотреть")
    an_hour_ago = "UPDATE opening SET opened_at = datetime('now', '-61 minutes')"
    sql(rita.product, an_hour_ago)
    rita.open(address)
    expect(rita.page.get_by_role("button", name="Открыть диалог")).to_be_visible()


def test_the_queue_is_worked_through_by_single_keys(
    somebody: Callable[[str], Person], admin: Callable[[str], Person]
) -> None:
    petr, oleg, kira = somebody("Petr"), somebody("Oleg"), admin("Kira")
    for name, complaint in (("Третий", "spam"), ("Первый", "children"), ("Второй", "hate")):
        report(petr, character_of(oleg, name), complaint)
    kira.open("/admin/reports")
    card = kira.page.locator(".queue-card").get_by_role("heading")
    expect(card).to_have_text("Первый")
    keys = kira.page.keyboard
    keys.press("j")
    expect(card).to_have_text("Второй")
    keys.press("k")
    expect(card).to_have_text("Первый")
    keys.press("c")
    expect(kira.page.locator(".queue-card")).to_contain_text("рассматривает: Kira")
    keys.press("r")
    answer = window(kira).get_by_label("Несколько слов")
    answer.press_sequentially("jkcars")
    expect(answer).to_have_value("jkcars")
    window(kira).get_by_role("button", name="Отклонить").click()
    expect(card).to_have_text("Второй")
    expect(kira.page.get_by_role("dialog")).to_have_count(0)
    keys.press("s")
    window(kira).get_by_role("button", name="Отложить").click()
    expect(card).to_have_text("Третий")
    expect(kira.page.locator(".admin-badge:visible")).to_have_text("1")
    petr.open("/notices")
    expect(petr.page.locator(".notice")).to_contain_text(re.compile("Первый.*Нарушений не нашлось.*jkcars", re.DOTALL))


@pytest.mark.slow
def test_whoever_may_only_read_is_told_so_until_they_may_write_again(
    somebody: Callable[[str], Person], admin: Callable[[str], Person]
) -> None:
    anna, galina = somebody("Anna"), admin("Galina")
    begin_chat(anna)
    galina.open(f"/admin/users/{id_of(anna)}?tab=measures")
    galina.page.get_by_role("button", name="Мера…").click()
    window(galina).get_by_role("radio", name="только чтение").click()
    window(galina).get_by_role("button", name="Принять меру").dblclick()  # as people do
    silence = re.compile("вам можно только читать")
    expect(anna.page.locator(".composer")).to_contain_text(silence, timeout=AT_ONCE)
    expect(anna.page.locator(".standing")).to_contain_text(silence)
    anna.open("/")
    expect(anna.page.locator(".standing")).to_contain_text(silence)
    anna.page.go_back()
    expect(anna.page.locator(".composer")).to_contain_text(silence)
    expect(anna.composer).to_have_count(0)
    beside = anna.context.new_page()
    beside.goto(f"{anna.product.url}/notices")
    expect(beside.locator(".measure-card")).to_contain_text(silence)
    wait_for_line(beside)
    galina.page.get_by_role("button", name="Снять").click()
    window(galina).get_by_role("button", name="Снять").click()
    expect(anna.composer).to_be_visible()
    expect(beside.locator(".notice").first).to_contain_text("снято")
    expect(beside.locator(".measure-card")).to_have_count(0)
    anna.open("/notices")
    over, began = anna.page.locator(".notice").all()
    expect(over).to_contain_text("Ограничение «только чтение» с вашего аккаунта в «Беседе» снято.")
    expect(began).to_contain_text(silence)


@pytest.mark.slow
def test_loaded_words_are_marked_and_are_nothing_to_report(
    somebody: Callable[[str], Person], admin: Callable[[str], Person], llm: LlmServer
) -> None:
    lida, artur, sofia = somebody("Lida"), somebody("Artur"), admin("Sofia")
    captain = character_of(artur, "Капитан Шторм")
    lida.open(load(lida, captain, "Капитан Шторм", "Ужасные слова."))
    expect(lida.last_reply).to_contain_text("Ужасные слова.")
    lida.last_reply.get_by_role("button", name="Другие действия").click()
    expect(lida.page.get_by_role("menuitem", name="Скрыть от модели")).to_be_visible()
    expect(lida.page.get_by_role("menuitem", name="Пожаловаться")).to_have_count(0)
    lida.page.keyboard.press("Escape")
    llm.answer("Купите мою карту!")
    lida.say("Что?")
    expect(lida.last_reply).to_contain_text("Купите мою карту!")
    lida.pick(lida.last_reply, "Пожаловаться")
    lida.page.get_by_role("radio", name="Реклама").click()
    lida.page.get_by_role("button", name="Отправить жалобу").click()
    expect(lida.page.get_by_text("Спасибо. Администраторы посмотрят.")).to_be_visible()

    sofia.open("/admin/reports")
    expect(sofia.page.locator(".queue-card")).to_contain_text("диалог начат с импортированного файла")
    sofia.page.get_by_role("link", name="Открыть диалог").click()
    sofia.page.get_by_label("Почему").click()
    sofia.page.get_by_role("option", name="жалоба").click()
    sofia.page.get_by_role("button", name="Открыть диалог").click()
    expect(sofia.replies.first).to_contain_text("импортировано из файла")
    expect(sofia.last_reply).not_to_contain_text("импортировано из файла")


def load(person: Person, character_id: int, name: str, words: str) -> str:
    """Import a dialog in which the character says these words; returns its address."""
    moment = "2026-01-01T12:00:00+00:00"
    said = (("user", "Скажи гадость"), ("assistant", words))
    messages = [
        {"id": n, "parent_id": n - 1 or None, "role": role, "text": text, "state": "done", "created_at": moment}
        for n, (role, text) in enumerate(said, start=1)
    ]
    head = {"format": "beseda-dialog", "version": 1, "character": {"id": character_id, "name": name}, "title": ""}
    file = head | {"started_at": moment, "messages": messages, "leaf_id": len(messages)}
    url = person.product.url
    answer = person.context.request.post(f"{url}/feed/dialogs/import", data=file, headers={"Origin": url})
    return str(answer.json()["url"])


@pytest.mark.slow
def test_an_address_brings_back_what_one_deleted_oneself_and_nothing_else(
    somebody: Callable[[str], Person], admin: Callable[[str], Person]
) -> None:
    gena, olga = somebody("Gena"), admin("Olga")
    captain = character_of(gena, "Капитан Штиль")
    undo = gena.page.get_by_role("button", name="Вернуть")
    for doer, offers in ((olga, 0), (gena, 1)):
        sql(
            gena.product,
            f"UPDATE character SET deleted_at = {NOW}, deleted_by_id = ? WHERE id = ?",
            id_of(doer),
            captain,
        )
        gena.open(f"/?tab=mine&deleted={captain}")
        expect(gena.page.get_by_role("heading", name="С кем вы хотите поговорить?")).to_be_visible()
        expect(undo).to_have_count(offers)
    undo.click()
    expect(gena.page.locator(".card", has_text="Капитан Штиль")).to_be_visible()

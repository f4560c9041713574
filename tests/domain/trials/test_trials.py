"""Trials: talking before signing up, how far that goes, and whose the conversation is afterwards."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest
from sqlmodel import col, func, select, update

from domain.accounts.log_in import LogIn
from domain.accounts.mailed_links import Onward
from domain.accounts.sessions import TRIAL_LIFE, Caller
from domain.accounts.sign_up import SignUp
from domain.accounts.trial_takeover import take_over
from domain.admin.dialogs import DialogFilter
from domain.chat.list_updates import DialogListRelay
from domain.chat.tree.events import DialogListChanged
from domain.errors import NeedsAccount, NotFound, RateLimited, SignedOut
from domain.llm.port import Role
from domain.model.character import Character
from domain.model.dialog import Dialog, Message, State
from domain.model.user import User
from domain.rate_limits import CHATS, TRIALS_IN_ALL, InMemory, RateLimiter
from domain.services.groups import Services
from domain.statistics.hourly_totals import compute
from domain.trials import KEPT, Trials
from domain.usage.usage import hour_of
from storage.database import Database
from tests.clock import Clock
from tests.conftest import UNLIMITED
from tests.domain.chat.conftest import PATIENCE
from tests.domain.conftest import PASSWORD, Mailbox, People, filled
from tests.domain.trials.conftest import Place


async def words_of(services: Services, person: Caller, dialog_id: int) -> list[str]:
    """Messages of the person in the dialog."""
    conversation = await services.chat.chat.open(person, dialog_id)
    return [each.text for each in conversation.messages if each.role == "user"]


async def test_a_stranger_sends_three_messages_and_is_then_asked_to_sign_up(place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    for words in ("Добрый вечер!", "Как вас зовут?", "А кошку?"):
        await stranger.say(words)
    with pytest.raises(NeedsAccount):
        await stranger.say("И ещё одно")
    conversation = await place.services.chat.chat.open(stranger.caller, stranger.dialog_id)
    assert len(conversation.messages) == 7, "the greeting, three times words and a reply; all of it can be read on"


async def test_other_replies_are_no_messages_and_there_may_be_as_many(place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    for _time in range(3):
        await stranger.ask_again()
    with pytest.raises(NeedsAccount):
        await stranger.ask_again()
    conversation = await place.services.chat.chat.open(stranger.caller, stranger.dialog_id)
    assert conversation.trial
    assert not conversation.trial.may_get_reply(conversation.messages[-2].id), "the page does not offer it"
    for words in ("Как вас зовут?", "А кошку?"):
        await stranger.say(words)
    with pytest.raises(NeedsAccount):
        await stranger.say("И ещё одно")


async def test_after_the_last_message_one_may_still_ask_for_another_reply(place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    for words in ("Добрый вечер!", "Как вас зовут?", "А кошку?"):
        await stranger.say(words)
    assert await place.services.accounts.trials.is_over(stranger.caller)
    await stranger.ask_again()
    conversation = await place.services.chat.chat.open(stranger.caller, stranger.dialog_id)
    last = conversation.messages[-2]
    assert conversation.trial
    assert conversation.trial.is_over, "the page offers no box for what could not be sent"
    with pytest.raises(NeedsAccount):
        await place.services.chat.branches.edit(stranger.caller, last.id, "А собаку?", "edited")


async def test_replies_that_failed_use_no_messages_up(place: Place, marina: Character, database: Database) -> None:
    stranger = await place.stranger(marina)
    for words in ("Добрый вечер!", "Как вас зовут?", "А кошку?"):
        await stranger.say(words)
    async with database.write() as db:
        replies = update(Message).where(col(Message.role) == Role.ASSISTANT, col(Message.parent_id).is_not(None))
        await db.exec(replies.values(state=State.FAILED, text=""))
    assert not await place.services.accounts.trials.is_over(stranger.caller)
    await stranger.say("И ещё раз")


async def test_a_stranger_is_greeted_by_their_own_clock(place: Place, boris: Caller, marina: Character) -> None:
    marina.greeting = "{{isodate}}"
    await place.services.characters.characters.save(boris, marina, ["greeting"])

    async def day(zone: str) -> str:
        trials = place.services.accounts.trials
        begun = await trials.begin(None, marina.id, language="ru", ip="192.0.2.1", zone=zone)
        assert begun.ticket
        caller = await place.people.enter(begun.ticket)
        return (await place.services.chat.chat.open(caller, begun.dialog_id)).messages[0].text

    assert await day("Pacific/Kiritimati") > await day("Pacific/Pago_Pago"), "25 hours apart"


async def test_two_tabs_together_send_no_more_than_one(place: Place, marina: Character) -> None:
    stranger = await place.stranger(marina)
    other = await place.services.accounts.trials.begin(stranger.caller, marina.id, language="ru", ip="192.0.2.1")
    assert other.dialog_id == stranger.dialog_id, "whoever talks already goes on where they were"
    assert other.ticket is None
    await stranger.say("Раз")
    await stranger.say("Два")
    second = await place.services.characters.characters.get(None, marina.id)
    assert second[0].talks == 0, "nobody is counted who may be a program"
    answers = await asyncio.gather(
        *(stranger.say(words) for words in ("Три", "Четыре", "Пять")), return_exceptions=True
    )
    assert len([each for each in answers if each is None]) == 1


async def test_only_public_characters_talk_with_strangers(place: Place, boris: Caller) -> None:
    save = place.services.characters.characters.save
    private = await save(boris, filled(name="Тайна", is_public=False))
    with pytest.raises(NotFound):
        await place.stranger(private)


async def test_whom_nobody_may_talk_with_uses_up_no_trial(place: Place, marina: Character, boris: Caller) -> None:
    private = await place.services.characters.characters.save(boris, filled(name="Тайна", is_public=False))
    for _time in range(10):
        with pytest.raises(NotFound):
            await place.stranger(private, "192.0.2.7")
    assert await place.stranger(marina, "192.0.2.7")


async def test_trials_are_limited_by_address_and_in_all(place: Place, marina: Character) -> None:
    for _time in range(10):
        await place.stranger(marina, "192.0.2.7")
    with pytest.raises(RateLimited):
        await place.stranger(marina, "192.0.2.7")
    assert await place.stranger(marina, "192.0.2.8")


async def test_trials_are_limited_in_all_wherever_they_come_from(marina: Character, database: Database) -> None:
    """An attacker has many addresses, and each trial costs replies."""
    trials = Trials(database, RateLimiter(InMemory(), UNLIMITED | {TRIALS_IN_ALL.name: 2}), messages=3)
    for number in (1, 2):
        await trials.begin(None, marina.id, language="ru", ip=f"192.0.2.{number}")
    with pytest.raises(RateLimited):
        await trials.begin(None, marina.id, language="ru", ip="192.0.2.3")


async def test_whose_messages_are_used_up_begins_with_nobody_else(
    place: Place, marina: Character, boris: Caller
) -> None:
    other = await place.services.characters.characters.save(boris, filled(name="Пётр"))
    begin = place.services.accounts.trials.begin
    stranger = await place.stranger(marina)
    for words in ("Добрый вечер!", "Как вас зовут?", "А кошку?"):
        await stranger.say(words)
    with pytest.raises(NeedsAccount):
        await begin(stranger.caller, other.id, language="ru", ip="192.0.2.1")
    there = await begin(stranger.caller, marina.id, language="ru", ip="192.0.2.1")
    assert there.dialog_id == stranger.dialog_id, "what was said can be read on"


async def test_a_stranger_begins_chats_no_faster_than_people_may(
    place: Place, marina: Character, boris: Caller, database: Database
) -> None:
    others = [await place.services.characters.characters.save(boris, filled(name=name)) for name in ("Пётр", "Анна")]
    stranger = await place.stranger(marina)
    trials = Trials(database, RateLimiter(InMemory(), UNLIMITED | {CHATS.name: 1}), messages=3)
    await trials.begin(stranger.caller, others[0].id, language="ru", ip="192.0.2.1")
    with pytest.raises(RateLimited):
        await trials.begin(stranger.caller, others[1].id, language="ru", ip="192.0.2.1")


async def test_nobody_learns_whom_another_stranger_talks_with(place: Place, marina: Character, ira: Caller) -> None:
    trials = place.services.accounts.trials
    stranger, other = await place.stranger(marina), await place.stranger(marina)
    whom = await trials.character_of(stranger.caller, stranger.dialog_id)
    assert whom is not None
    assert whom.name == marina.name
    for nobody in (None, other.caller, ira):
        assert await trials.character_of(nobody, stranger.dialog_id) is None


async def test_without_trials_an_account_is_asked_for_at_once(place: Place, marina: Character) -> None:
    place.services.accounts.trials.messages = 0
    with pytest.raises(NeedsAccount):
        await place.stranger(marina)


async def test_the_link_takes_the_conversation_to_whatever_device_it_is_opened_on(
    place: Place, marina: Character, sign_up: SignUp, mailbox: Mailbox, people: People
) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    onward = Onward(f"/chat/{stranger.dialog_id}", stranger.caller)
    await sign_up.request("ira@example.org", "ru", onward=onward)
    assert (await sign_up.link_of(mailbox.token(), "a phone")).next == f"/chat/{stranger.dialog_id}"
    ira = await people.enter(await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира", browser="a phone"))
    assert await words_of(place.services, ira, stranger.dialog_id) == ["Добрый вечер!"]
    with pytest.raises(SignedOut):
        await stranger.say("А я ещё тут")
    character, _author = await place.services.characters.characters.get(None, marina.id)
    assert character.talks == 1


async def test_the_code_of_the_letter_takes_it_along_as_the_link_does(
    place: Place, marina: Character, log_in: LogIn, mailbox: Mailbox, people: People, ira: Caller
) -> None:
    stranger = await place.stranger(marina)
    onward = Onward(f"/chat/{stranger.dialog_id}", stranger.caller)
    await log_in.request("ira@example.org", "ru", onward=onward)
    token = await log_in.open_by_code("ira@example.org", mailbox.code())
    assert (await log_in.link_of(token)).next == f"/chat/{stranger.dialog_id}"
    again = await people.enter(await log_in.by_letter(token))
    assert again.user_id == ira.user_id
    assert await words_of(place.services, again, stranger.dialog_id) == []


async def test_a_log_in_by_password_in_the_same_browser_takes_it_over(
    place: Place, marina: Character, log_in: LogIn, ira: Caller
) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    await place.services.accounts.accounts.activate_session(ticket, stranger.caller)
    assert await words_of(place.services, ira, stranger.dialog_id) == ["Добрый вечер!"]


async def test_a_chat_that_was_brought_along_moves_in_the_list_of_whom_it_belongs_to_now(
    place: Place, marina: Character, log_in: LogIn, ira: Caller
) -> None:
    relay = DialogListRelay(place.services.database, place.services.bus)
    await relay.start()
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    await place.services.accounts.accounts.activate_session(ticket, stranger.caller)
    told: asyncio.Queue[DialogListChanged] = asyncio.Queue()
    place.services.bus.subscribe(DialogListChanged, ira.user_id, told.put_nowait)
    await place.services.chat.chat.send(ira, stranger.dialog_id, "А это снова я", "again")
    async with asyncio.timeout(PATIENCE):
        assert (await told.get()).dialog_id == stranger.dialog_id
        await told.get()  # the end of the reply
    await relay.close()


async def test_the_log_tells_guests_from_people_who_come_in(
    place: Place, marina: Character, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    stranger = await place.stranger(marina)
    assert f"Guest {stranger.caller.user_id} begins a trial" in caplog.text
    assert f"Person {stranger.caller.user_id} comes in" not in caplog.text


async def test_of_two_who_take_it_over_at_once_one_gets_it(
    place: Place, marina: Character, log_in: LogIn, ira: Caller, boris: Caller, database: Database
) -> None:
    stranger = await place.stranger(marina)
    tickets = [await log_in.by_password(f"{name}@example.org", PASSWORD) for name in ("ira", "boris")]
    activate = place.services.accounts.accounts.activate_session
    await asyncio.gather(*(activate(ticket, stranger.caller) for ticket in tickets))
    async with database.read() as db:
        dialog = await db.get_one(Dialog, stranger.dialog_id)
    assert dialog.user_id in {ira.user_id, boris.user_id}


async def test_somebody_elses_account_is_nothing_to_take_over(
    place: Place, marina: Character, log_in: LogIn, ira: Caller, boris: Caller
) -> None:
    dialog_id = await place.services.chat.chat.begin(boris, marina.id)
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    await place.services.accounts.accounts.activate_session(ticket, boris)
    with pytest.raises(NotFound):
        await place.services.chat.chat.open(ira, dialog_id)
    assert await place.services.chat.chat.open(boris, dialog_id)


async def test_a_trial_is_swept_with_all_it_has_a_day_later_and_nothing_else_is(
    place: Place, marina: Character, database: Database, clock: Clock, ira: Caller, log_in: LogIn
) -> None:
    left, taken = await place.stranger(marina), await place.stranger(marina)
    await left.say("Добрый вечер!")
    await taken.say("Я вернусь")
    ticket = await log_in.by_password("ira@example.org", PASSWORD)
    await place.services.accounts.accounts.activate_session(ticket, taken.caller)
    clock.advance(TRIAL_LIFE - timedelta(minutes=1))
    await place.services.accounts.trials.sweep()
    assert await place.services.chat.chat.open(left.caller, left.dialog_id)
    clock.advance(KEPT)
    await place.services.accounts.trials.sweep()
    async with database.read() as db:
        people = (await db.exec(select(func.count()).select_from(User).where(col(User.is_trial)))).one()
        said = list(await db.exec(select(Message.text).where(Message.role == "user")))
    assert people == 0
    assert said == ["Я вернусь"]
    assert await words_of(place.services, ira, taken.dialog_id) == said


async def test_a_link_asked_for_at_the_end_of_a_trial_still_finds_its_conversation(
    place: Place, marina: Character, clock: Clock, sign_up: SignUp, mailbox: Mailbox, people: People
) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    clock.advance(TRIAL_LIFE - timedelta(minutes=1))
    await sign_up.request("ira@example.org", "ru", onward=Onward(f"/chat/{stranger.dialog_id}", stranger.caller))
    clock.advance(timedelta(minutes=2))
    await place.services.accounts.trials.sweep()
    ira = await people.enter(await sign_up.complete(mailbox.token(), PASSWORD, "", "Ира", browser="a phone"))
    assert await words_of(place.services, ira, stranger.dialog_id) == ["Добрый вечер!"]


async def test_the_totals_tell_what_strangers_say_from_what_people_say(
    place: Place, marina: Character, ira: Caller, database: Database, clock: Clock
) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    dialog_id = await place.services.chat.chat.begin(ira, marina.id)
    await place.services.chat.chat.send(ira, dialog_id, "Привет!", "1")
    await place.services.reply_writer._all_ended(within=60)
    this = hour_of(clock.time)
    async with database.read() as db:
        [(hour, _models)] = await compute(db, range(this, this + 1))
    assert (hour.messages, hour.trial_messages, hour.replies) == (1, 1, 2)


async def test_what_was_said_before_signing_up_is_counted_so_after_it(
    place: Place, marina: Character, database: Database, clock: Clock
) -> None:
    stranger = await place.stranger(marina)
    await stranger.say("Добрый вечер!")
    await place.services.reply_writer._all_ended(within=60)
    this = hour_of(clock.time)
    clock.advance(timedelta(minutes=1))
    async with database.write() as db:
        person = User(display_name="Олег")
        db.add(person)
        await db.flush()
        await take_over(db, stranger.caller.user_id, person)
    async with database.read() as db:
        [(hour, _models)] = await compute(db, range(this, this + 1))
    assert (hour.messages, hour.trial_messages) == (0, 1)


async def test_admins_tell_conversations_of_trials_from_those_of_people(
    place: Place, marina: Character, ira: Caller, boris: Caller, database: Database
) -> None:
    stranger = await place.stranger(marina)
    hers = await place.services.chat.chat.begin(ira, marina.id)
    async with database.write() as db:
        (await db.get_one(User, boris.user_id)).is_admin = True

    async def listed(*, is_trial: bool | None) -> dict[int, bool]:
        page = await place.services.admin.dialogs.page(boris, DialogFilter(is_trial=is_trial))
        return {each.id: each.is_trial for each in page.rows}

    assert await listed(is_trial=None) == {stranger.dialog_id: True, hers: False}
    assert await listed(is_trial=True) == {stranger.dialog_id: True}
    assert await listed(is_trial=False) == {hers: False}

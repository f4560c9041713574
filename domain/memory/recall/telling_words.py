"""Telling words: the words by which a text can be found again, and their roots.

Stop words tell nothing: pronouns, prepositions, conjunctions, particles, the commonest verbs and adverbs. This is
decided from the word alone, so a word is treated alike when it is indexed and when it is looked up. Words that are not
in the dictionary do tell, since names and misspellings are among them.

It loads the dictionary (domain/dictionary.py): call it in a thread. Large amounts are processed in a child process,
since a thread that computes for a second delays everybody.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from domain.dictionary import LIKELY, dictionary, is_loaded
from domain.stemming import stem, worked_out_apart
from storage.full_text import LONGEST_TOKEN, TOKEN
from storage.text_search import fold

if TYPE_CHECKING:
    from pymorphy3.analyzer import Parse

TELL_NOTHING = {"NPRO", "PREP", "CONJ", "PRCL", "INTJ"}
"""Parts of speech that tell nothing, as OpenCorpora names them."""
PRONOMINAL = "Apro"
SHORTEST = 2
COMMON_WORDS = """
быть бывать есть мочь смочь знать узнать помнить вспомнить вспоминать запомнить забыть забывать напомнить сказать
говорить рассказать рассказывать спросить спрашивать ответить отвечать думать подумать хотеть хотеться стать делать
сделать понять понимать считать казаться показаться значить упоминать упомянуть оказаться получиться

уже ещё очень там тут здесь где куда откуда когда тогда потом затем теперь сейчас опять снова всегда никогда иногда
часто редко так как почему зачем отчего потому поэтому можно нельзя нужно надо нужный пора жаль пусть более менее больше
меньше много мало немного совсем почти слишком просто только точно именно правда конечно вообще наверное наверно
возможно может сегодня вчера завтра сразу скоро давно недавно раньше позже хорошо плохо ладно вместе обратно вдруг хотя
чуть даже лишь также тоже однажды примерно около

раз вещь дело один другой нибудь либо кое таки хороший плохой спасибо привет пожалуйста да нет ага угу ой ах эх ну
"""
ENGLISH_COMMON_WORDS = """
a an the this that these those i me my mine myself you your yours yourself he him his she her hers it its we us our ours
they them their theirs who whom whose which what where when why how

am is are was were be been being isn aren wasn weren do does did don doesn didn doing done have has had haven hasn hadn
having can could cannot couldn may might must shall should shouldn will would won wouldn let get got go goes going went
come came make made take took give gave say says said saying tell tells told talk talked talking speak spoke ask asked
answer answered know knows knew known think thinks thought remember remembers remembered remind recall forget forgot
forgotten mention mentioned want wants wanted see saw seen look looked seem seems mean means meant guess ll ve re

and or but if then else than so as of at by for with about against between into through during before after above below
to from up down in out on off over under again further once here there all any both each few more most other some such
no nor not only own same too very just also even still yet now never always ever often sometimes already maybe perhaps
really quite well back away today tomorrow yesterday

one thing things something anything nothing everything someone anyone everyone good bad much many lot yes yeah yep okay
ok oh ah hey hi hello please thanks thank sorry sure
"""
COMMON = frozenset(fold(COMMON_WORDS).split())
"""Stop words in their dictionary forms."""
ENGLISH_COMMON = frozenset(ENGLISH_COMMON_WORDS.split())
MOST_KNOWN = 50_000
"""Maximum words whose roots are cached."""
FEW_NEW = 12
"""Maximum new words that are looked up without a thread once the dictionary is loaded. Each takes a fifth of a
millisecond, and on a busy machine a thread costs more than all of them.
"""
_KNOWN: dict[str, tuple[str, ...]] = {}


def telling_roots(word: str) -> tuple[str, ...]:
    """The roots of a folded word: its own stem and the stems of its dictionary forms; none if it tells nothing.
    Results are cached.
    """
    known = _KNOWN.get(word)
    if known is None:
        if len(_KNOWN) >= MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[word] = _telling_roots(word)
    return known


def are_quick(words: Iterable[str]) -> bool:
    """Whether the roots of all but a few of the words are cached, so that no thread is needed."""
    new = sum(word not in _KNOWN for word in words)
    return new == 0 or (new <= FEW_NEW and is_loaded())


def _telling_roots(word: str) -> tuple[str, ...]:
    if len(word) < SHORTEST and not word.isdigit():
        return ()
    if not any("а" <= sign <= "я" for sign in word):
        return () if word in ENGLISH_COMMON else (stem(word, "english"),)
    readings = [parse for parse in dictionary().parse(word) if parse.is_known and parse.score >= LIKELY]
    if word in COMMON or (readings and not _tells(readings[0])):  # «мой» rarely means "wash!"
        return ()
    forms = (word, *(fold(each.normal_form) for each in readings if _tells(each)))
    return tuple(dict.fromkeys(stem(form, "russian") for form in forms))


def _tells(reading: Parse) -> bool:
    says_what = reading.tag.POS not in TELL_NOTHING and PRONOMINAL not in reading.tag
    return says_what and fold(reading.normal_form) not in COMMON


def words_of(text: str) -> list[str]:
    """The distinct folded words of a text, in their order."""
    folded = fold(unicodedata.normalize("NFKC", text))
    return list(dict.fromkeys(word[:LONGEST_TOKEN] for word in TOKEN.findall(folded)))


def roots_in(text: str) -> list[str]:
    """The roots of all telling words of a text, sorted."""
    return sorted({root for word in words_of(text) for root in telling_roots(word)})


async def roots_in_each(texts: Sequence[str]) -> list[list[str]]:
    """The roots of many texts, worked out in a child process."""
    found: list[list[str]] = await worked_out_apart(__name__, [*texts])
    return found


if __name__ == "__main__":
    os.nice(10)  # nobody waits for it
    print(json.dumps([roots_in(text) for text in json.loads(sys.stdin.buffer.read())]))

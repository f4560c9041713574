"""Demo model, English cards: the facts that a card tells in English, by simple patterns."""

from __future__ import annotations

import re

from domain.llm.demo.card import Card, examples_of, questions_of, sentences_of, speech, told_in
from domain.llm.port import Persona

RULE = re.compile(
    r"\b(user|character|reply|replies|answer|roleplay|role|scene|dialogue?|instruction|prompt|always|never|speak|speech"
    r"|stay|avoid|don't|do not|sentences|italics|secret\w*|hid(e|es|ing)|language model|they)\b|{{",
    re.IGNORECASE,
)
"""Matches sentences that are instructions, or that the author wants to be kept secret."""
NUMBER = (
    r"(?:\d{1,4}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven"
    r"|eight|nine))?|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen)"
)
AGE = (
    rf"\b({NUMBER})[- ]years?[- ]old",
    rf"\baged ({NUMBER})\b",
    rf"\b(?:are|is|I'm|am) ({NUMBER})\b(?! [a-z])",
    rf", ({NUMBER}),",
)
PLACE = re.compile(
    r"\b(live|lives|living|work|works|come|comes)\b(?: alone| now)?"
    r" ((?:in|on|at|under|near|by|from|above|aboard)\b[^,.;:!?\n]{3,60})"
)
ENGLISH_GROUPS = {
    "pet": frozenset(
        ("cat", "dog", "kitten", "puppy", "parrot", "raven", "crow", "horse", "mouse", "fox", "owl", "dragon")
    ),
    "family": frozenset(
        (
            *("sister", "brother", "mother", "father", "mum", "mom", "dad", "daughter", "son", "wife", "husband"),
            *("granny", "grandmother", "grandfather"),
        )
    ),
    "spouse": frozenset(("wife", "husband")),
    "child": frozenset(("son", "daughter")),
    "parent": frozenset(("mother", "father", "mum", "mom", "dad")),
    "friend": frozenset(("friend", "partner", "apprentice", "neighbour", "neighbor")),
}
DEAR = "|".join(sorted(word for group in ENGLISH_GROUPS.values() for word in group))
NAMED = re.compile(rf"\b({DEAR})\b(?:,| is| named| called|, called|, named)?(?: named| called)? ([A-Z][a-z]+)\b")
NAMED_FIRST = re.compile(rf"\b([A-Z][a-z]+), (?:a|your|his|her|my|the) (?:[a-z-]+ )?({DEAR})\b")
YEAR = re.compile(r"\b(?:is|in|year|of) (1\d{3}|2\d{3})\b")
AND_DOES = re.compile(
    r",? and (hates|loves|likes|lives|works|keeps|knows|plays|drinks|sleeps|dreams|fears|collects|speaks|sings|has"
    r"|makes|runs|writes|reads|owns)\b"
)
"""Beginning of a second statement in a sentence of the third person."""
VERBS = {"is": "am", "has": "have", "does": "do", "goes": "go"}
SHORTEST, LONGEST = 3, 220
WORDS_OF_A_FULL_NAME = range(2, 5)


def english_card(persona: Persona) -> Card:
    told = told_in(persona)
    spoken = speech(persona.greeting)
    told = AND_DOES.sub(r". She \1", told)
    own = [each for each in sentences_of(spoken) if re.search(r"\b(I|my)\b", each) and "?" not in each]
    facts = dict.fromkeys(fact for each in [*sentences_of(told), *own] if (fact := first_person(each, persona.name)))
    age = next((hit[1] for pattern in AGE if (hit := re.search(pattern, told))), "")
    place = PLACE.search(told)
    dear = [(hit[1].lower(), hit[2]) for hit in NAMED.finditer(told)]
    year = next((hit for each in sentences_of(told) if not RULE.search(each) and (hit := YEAR.search(each))), None)
    return Card(
        facts=tuple(facts),
        full_name=_full_name(persona),
        age=age.lower(),
        place=f"I {_bare(place[1])} {re.split(r' and | but ', place[2].strip())[0]}" if place else "",
        job=_job(persona),
        year=year[1] if year else "",
        dear=tuple(dict.fromkeys([*dear, *((hit[2].lower(), hit[1]) for hit in NAMED_FIRST.finditer(told))])),
        questions=questions_of(spoken),
        examples=examples_of(persona),
    )


def first_person(sentence: str, name: str) -> str:
    """«You live by the sea» and «Mary lives by the sea» become «I live by the sea»; "" if it cannot be said."""
    told = " ".join(sentence.split()).replace("’", "'")
    if not len(told.split()) >= SHORTEST or len(told) > LONGEST or "?" in told or RULE.search(told):
        return ""
    if re.search(r"\b(I|I'm|my)\b", told, re.IGNORECASE) and not re.search(r"\byou", told, re.IGNORECASE):
        return told
    if re.match(r"(you|your)\b", told, re.IGNORECASE):
        return _from_you(told)
    subject = rf"(?:{re.escape(name.split(maxsplit=1)[0])}(?: [A-Z]\w+)?|He|She)" if name.split() else "(?:He|She)"
    found = re.match(rf"{subject} (?:(often|still|once|also) )?(\w+)\b", told)
    if found is None or re.search(r"\b(his|her|him|he|she|who|which|that)\b", told[found.end() :]):
        return ""
    adverb = f"{found[1]} " if found[1] else ""
    return f"I {adverb}{_bare(found[2])}{told[found.end() :]}"


def _from_you(told: str) -> str:
    turned = re.sub(r"\byou are\b", "I am", told, flags=re.IGNORECASE)
    turned = re.sub(r"\byou're\b", "I'm", turned, flags=re.IGNORECASE)
    turned = re.sub(r"\b(with|to|for|at|of|from|by|loves?|knows?|calls?|visits?|taught) you\b", r"\1 me", turned)
    turned = re.sub(r"\byourself\b", "myself", turned)
    turned = re.sub(r"\b([Yy])our\b", lambda found: "My" if found[1] == "Y" else "my", turned)
    turned = re.sub(r"\b[Yy]ou\b", "I", turned)
    return turned[:1].upper() + turned[1:]


def _bare(verb: str) -> str:
    """«lives» → «live»; the past stays."""
    if verb in VERBS:
        return VERBS[verb]
    if verb.endswith(("ches", "shes", "sses", "xes")):
        return verb[:-2]
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-1] if verb.endswith("s") and not verb.endswith(("ss", "was")) else verb


def _full_name(persona: Persona) -> str:
    found = re.match(r"\s*You are ([A-Z][\w'-]+(?: [A-Z][\w'-]+)*)", persona.context)
    words = found[1].split() if found else []
    first = persona.name.split()[:1]
    return found[1] if found and len(words) in WORDS_OF_A_FULL_NAME and words[:1] == first else persona.name


def _job(persona: Persona) -> str:
    told = f"{persona.context}\n{persona.bio}"
    found = re.search(
        r"\b(?:are|is|am)\b(?: [A-Z][^,.\n]*,)?(?: [^,.\n]*\d+[^,.\n]*,)? ((?:an?|the) [^,.;\n]{3,80})", told
    )
    if found and not re.match(r"(?:a|an|the) (?:\d+|[a-z-]*year)", found[1]):
        return found[1]
    first = re.split(r"[.:,;—]", persona.teaser)[0].strip()
    return first[:1].lower() + first[1:] if re.match(r"(an?|the) [a-z]", first, re.IGNORECASE) else ""

"""Server-sent events: the same data, however the bytes are cut and whatever is sent to keep the line alive."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.llm.client.answer import Answer
from domain.llm.client.event_stream import EventDecoder

HEARTBEATS = (
    b": still here\n\n",
    b"retry: 3000\n\n",
    b"event: ping\ndata: ping\n\n",
    b"data: \n\n",
    b"data\n\n",
    b"id: 7\n\n",
    b"\n",
)


def decoded(*received: bytes) -> list[str]:
    decoder = EventDecoder()
    events = [data for each in received for data in decoder.feed(each)]
    return events + decoder.close()


@pytest.mark.parametrize(
    ("sent", "events"),
    [
        (b"data: a\n\ndata: b\n\n", ["a", "b"]),
        (b"data:a\r\n\r\ndata:b\r\n\r\n", ["a", "b"]),
        (b"data: a\r\rdata: b\r\r", ["a", "b"]),
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"id: 1\nevent: message\ndata: a\nretry: 5\n\n", ["a"]),
        (b"data: a", ["a"]),
        *[(beat, []) for beat in HEARTBEATS if b"ping" not in beat],
    ],
)
def test_an_event_is_its_data_and_nothing_is_made_of_anything_else(sent: bytes, events: list[str]) -> None:
    assert decoded(sent) == events
    assert decoded(*(bytes([byte]) for byte in sent)) == events, "byte by byte"


def test_an_event_without_an_end_is_given_up() -> None:
    with pytest.raises(ValueError, match="without an end"):
        decoded(*[b"data: " + b"x" * 1_000_000] * 9)


WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12), max_size=8)


# The same examples each time, and none of them timed: the machine of the tests may be busy.
@settings(derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=WORDS,
    beats=st.lists(st.sampled_from(HEARTBEATS), max_size=10),
    cuts=st.lists(st.integers(1, 40), max_size=50),
    data=st.data(),
)
def test_every_text_arrives_in_every_cut_with_every_heartbeat_between(
    words: list[str], beats: list[bytes], cuts: list[int], data: st.DataObject
) -> None:
    line_end = data.draw(st.sampled_from([b"\n", b"\r\n", b"\r"]))
    ascii_only = data.draw(st.booleans())
    sent = [
        b"data: " + json.dumps({"choices": [{"delta": {"content": word}}]}, ensure_ascii=ascii_only).encode() + b"\n\n"
        for word in words
    ]
    for beat in beats:
        sent.insert(data.draw(st.integers(0, len(sent))), beat)
    stream = b"".join(sent).replace(b"\n", line_end) + b"data: [DONE]\n\n"
    pieces = []
    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        pieces.append(piece)
    answer = Answer(lambda _: False)
    text = "".join(map(answer.take, decoded(*pieces, stream)))
    assert text == "".join(words)
    assert answer.is_declared_over
    assert not answer.has_unreadable

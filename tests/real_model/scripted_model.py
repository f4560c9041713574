"""A model with known words for llama.cpp's server: a GGUF file of our own, made in a moment and without a library.

Each token leads to the next one of a script. Embeddings are random vectors of ±1, which hardly resemble each other; the
layers add nothing, and the output matrix has, in the row of a token, the embedding of the one before it. The chat
template chooses the script by the last message. So the server, its templates, sampling and stream are real, and a test
can still compare every letter.

The layers' matrices are zeros, a hole in the file: they only take time, like those of a real model.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

WIDTH, HEADS, CERTAINTY = 256, 4, 40.0
SEED = 14

HELLO = "Привет! Я жду тебя у маяка."
THOUGHT = "He greets me, so I greet him."
SEA = "Море 🌊 и 👩‍🚀 — конец."
STORY = tuple(f" Шаг {number}." for number in range(1, 600))
"""It has no end of its own: the last step leads to the first."""

SCRIPTS: Mapping[str, str] = {"сказк": "<|story|>", "подума": "<|thought|>", "смайл": "<|sea|>", "молч": "<|silence|>"}
"""Which token begins the reply when the last message has this in it; `<|hello|>` in all others."""

TURNS = (
    "{%- for message in messages -%}<|start|>{{ message.role }}\n{{ message.content }}<|end|>\n{%- endfor -%}"
    "<|start|>assistant\n"
)
TEMPLATE = (
    TURNS
    + "{%- set last = messages[-1].content -%}"
    + "".join(
        f"{{%- {'elif' if place else 'if'} '{word}' in last -%}}{begin}"
        for place, (word, begin) in enumerate(SCRIPTS.items())
    )
    + "{%- else -%}<|hello|>{%- endif -%}"
)
BEGUN_IN_THOUGHT = TURNS + "<think>"
REFUSING = "{%- if messages|length > 3 -%}{{ raise_exception('Too many cooks') }}{%- endif -%}" + TURNS + "<|hello|>"

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, F16 = 0, 1
ALIGNMENT = 32


class Vocabulary:
    """Tokens: bytes and Russian letters for the input, and one for each piece of the scripts."""

    def __init__(self) -> None:
        self.tokens = [_SIGNS[byte] for byte in range(256)]
        self.kinds = [NORMAL] * 256
        self.merges: list[str] = []
        for letter in "абвгдежзийклмнопрстуфхцчшщъыьэюяёАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁ":
            self.merges.append(" ".join(_written(letter.encode())))
            self.add(letter.encode())
        self.next: dict[int, int] = {}
        self._say_all()

    def add(self, said: bytes | str) -> int:
        """Add a piece of text as bytes, or a token that stands for itself; returns its number."""
        self.tokens.append("".join(_written(said)) if isinstance(said, bytes) else said)
        self.kinds.append(NORMAL if isinstance(said, bytes) else CONTROL if said.startswith("<|") else USER_DEFINED)
        return len(self.tokens) - 1

    def _say_all(self) -> None:
        self.start, self.end = self.add("<|start|>"), self.add("<|end|>")
        hello = [self.add(piece.encode()) for piece in _words(HELLO)]
        thought = [self.add("<think>"), *(self.add(piece.encode()) for piece in _words(THOUGHT)), self.add("</think>")]
        sea = [self.add(SEA.encode()[at : at + 3]) for at in range(0, len(SEA.encode()), 3)]  # cuts characters anywhere
        story = [self.add(piece.encode()) for piece in STORY]
        self._lead(self.add("<|hello|>"), *hello, self.end)
        self._lead(self.add("<|thought|>"), *thought, hello[0])
        self._lead(self.add("<|sea|>"), *sea, self.end)
        self._lead(self.add("<|story|>"), *story, story[0])
        self._lead(self.add("<|silence|>"), self.end)

    def _lead(self, *tokens: int) -> None:
        self.next |= dict(pairwise(tokens))


def write_model(path: Path, *, window: int = 32_768, slowness: int = 256, template: str = TEMPLATE) -> None:
    """Write the model file; `slowness` is the width of the layers that do nothing."""
    vocabulary = Vocabulary()
    names = {
        "general.architecture": "llama",
        "general.name": "scripted",
        "llama.context_length": window,
        "llama.embedding_length": WIDTH,
        "llama.block_count": 1,
        "llama.feed_forward_length": slowness,
        "llama.attention.head_count": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-6,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-2",
        "tokenizer.ggml.tokens": vocabulary.tokens,
        "tokenizer.ggml.token_type": vocabulary.kinds,
        "tokenizer.ggml.merges": vocabulary.merges,
        "tokenizer.ggml.eos_token_id": vocabulary.end,
        "tokenizer.ggml.add_bos_token": False,
        "tokenizer.chat_template": template,
    }
    embeddings, output = _weights(vocabulary)
    square, wide, size = (WIDTH, WIDTH), (WIDTH, slowness), len(vocabulary.tokens)
    ones = struct.pack(f"<{WIDTH}f", *[1.0] * WIDTH)
    tensors: list[tuple[str, tuple[int, ...], int, bytes]] = [
        ("token_embd.weight", (WIDTH, size), F16, embeddings),
        ("output.weight", (WIDTH, size), F16, output),
        *((f"{name}.weight", (WIDTH,), F32, ones) for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm")),
        *((f"blk.0.attn_{name}.weight", square, F16, b"") for name in ("q", "k", "v", "output")),
        *((f"blk.0.ffn_{name}.weight", wide, F16, b"") for name in ("gate", "up")),
        ("blk.0.ffn_down.weight", (slowness, WIDTH), F16, b""),
    ]
    _write(path, names, tensors)


def _weights(vocabulary: Vocabulary) -> tuple[bytes, bytes]:
    chance = random.Random(SEED)
    rows = [chance.choices((1.0, -1.0), k=WIDTH) for _ in vocabulary.tokens]
    sums = [[0.0] * WIDTH for _ in rows]
    for token, following in vocabulary.next.items():
        sums[following] = [old + CERTAINTY / WIDTH * new for old, new in zip(sums[following], rows[token], strict=True)]
    packed = struct.Struct(f"<{WIDTH}e")
    return b"".join(packed.pack(*row) for row in rows), b"".join(packed.pack(*row) for row in sums)


def _write(path: Path, names: Mapping[str, object], tensors: Sequence[tuple[str, tuple[int, ...], int, bytes]]) -> None:
    """Write GGUF version 3. A tensor without bytes is all zeros."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(names))
    head += b"".join(_string(name) + _value(value) for name, value in names.items())
    places = []
    end = 0
    for name, shape, kind, _ in tensors:
        places.append(end)
        head += _string(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, end)
        end = _aligned(end + _product(shape) * (4 if kind == F32 else 2))
    begin = _aligned(len(head))
    with path.open("wb") as file:
        file.write(head)
        for place, (*_, content) in zip(places, tensors, strict=True):
            file.seek(begin + place)
            file.write(content)
        file.truncate(begin + end)


def _value(value: object) -> bytes:
    """A value, preceded by its type."""
    match value:
        case bool():
            return struct.pack("<I?", BOOL, value)
        case int():
            return struct.pack("<II", UINT32, value)
        case float():
            return struct.pack("<If", FLOAT32, value)
        case str():
            return struct.pack("<I", STRING) + _string(value)
        case [int(), *_]:
            return struct.pack(f"<IIQ{len(value)}i", ARRAY, INT32, len(value), *value)
        case [*strings]:
            return struct.pack("<IIQ", ARRAY, STRING, len(strings)) + b"".join(_string(str(each)) for each in strings)
    raise TypeError(value)


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _aligned(place: int) -> int:
    return -(-place // ALIGNMENT) * ALIGNMENT


def _product(shape: Iterable[int]) -> int:
    result = 1
    for each in shape:
        result *= each
    return result


def _words(text: str) -> list[str]:
    """Words, with the spaces before them."""
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]


def _signs() -> Iterator[tuple[int, str]]:
    """GPT-2's mapping of each byte to a visible character."""
    unseen = 256
    for byte in range(256):
        if 33 <= byte <= 126 or 161 <= byte <= 172 or byte >= 174:
            yield byte, chr(byte)
        else:
            yield byte, chr(unseen)
            unseen += 1


_SIGNS = dict(_signs())


def _written(said: bytes) -> list[str]:
    return [_SIGNS[byte] for byte in said]

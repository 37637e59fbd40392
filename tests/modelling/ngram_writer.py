"""Writes a language model as OpenFst's `ngram` files have it, as we only read those."""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from voicebot.modelling import LanguageModel
from voicebot.modelling.language_model import NOWHERE, SENTENCE_END

Context = tuple[int, ...]
"""Labels, the last one said first; 0 stands for the beginning of a sentence."""


def write_ngram(model: LanguageModel, labels: Mapping[str, int], file: Path) -> None:
    contexts = _contexts(model, labels)
    order = sorted(contexts, key=lambda context: (len(context), context))
    tree, seen, ends = "10", "0", ""
    words, costs, finals, added, back_offs = b"", b"", b"", struct.pack("<i", -1), b""
    for context in order:
        state = model.states[contexts[context]]
        children = [other for other in order if len(other) == len(context) + 1 and other[:-1] == context]
        tree += "1" * len(children) + "0"
        added += b"".join(struct.pack("<i", child[-1]) for child in children)
        told = sorted((labels[word], after) for word, after in state.words.items() if word != SENTENCE_END)
        seen += "1" * len(told) + "0"
        words += b"".join(struct.pack("<i", label) for label, _ in told)
        costs += b"".join(struct.pack("<f", -np.log(after.probability)) for _, after in told)
        ends += str(int(SENTENCE_END in state.words))
        if SENTENCE_END in state.words:
            finals += struct.pack("<f", -np.log(state.words[SENTENCE_END].probability))
        back_offs += struct.pack("<f", -np.log(state.back_off.probability) if state.back_off else np.inf)
    counts = struct.pack("<QQQ", len(order), len(words) // 4, len(finals) // 4)
    body = _bits(tree) + _bits(seen) + _bits(ends) + added + struct.pack("<i", 0) + words
    body += back_offs + struct.pack("<f", 0) + finals + costs + struct.pack("<f", 0)
    file.write_bytes(_header(order.index((0,)), len(order), labels) + counts + body)


def _contexts(model: LanguageModel, labels: Mapping[str, int]) -> dict[Context, int]:
    """Return the state of each context."""
    root = model.start
    while back_off := model.states[root].back_off:
        root = back_off.state
    found: dict[Context, int] = {(): root, (0,): model.start}
    for context, state in (walked := list(found.items())):
        for word, (_, after) in model.states[state].words.items():
            if after != NOWHERE and model.depth(after) == len(context) + 1 and after not in found.values():
                found[labels[word], *context] = after
                walked.append(((labels[word], *context), after))
    return found


def _header(start: int, states: int, labels: Mapping[str, int]) -> bytes:
    table = struct.pack("<i", 2125658996) + _string("words.txt") + struct.pack("<qq", 99, len(labels))
    table += b"".join(_string(name) + struct.pack("<q", label) for name, label in labels.items())
    kind = struct.pack("<i", 2125659606) + _string("ngram") + _string("standard")
    return kind + struct.pack("<iiQqqq", 4, 3, 0, start, states, 0) + table + table


def _string(text: str) -> bytes:
    return struct.pack("<i", len(text.encode())) + text.encode()


def _bits(text: str) -> bytes:
    bits = np.array(list(text.ljust(-(-len(text) // 64) * 64, "0"))) == "1"
    return np.packbits(bits, bitorder="little").tobytes()

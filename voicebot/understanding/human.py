"""Whether a caller asks for a human. In doubt the answer is yes: a human is never refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from voicebot.understanding.templates import Grammar

_NEGATIONS = "geen|niet|niemand|zonder|hoef|hoeft"
_NEW_START = "ik|heb|nee|ja|want|maar|graag|alstublieft|alsjeblieft"


class HumanRequests:
    """Tells a request for a human ("mag ik een medewerker") from a mention ("de medewerker zei dat")."""

    def __init__(self, spec: Mapping[str, Any], framed: Callable[[str], str]) -> None:
        """Take the ``human`` part of common.yaml, and what puts greetings and thanks around a pattern."""
        gaps = {
            "gap": rf"(?:(?!(?:{_NEGATIONS})\b)\w+ ){{0,6}}?",
            "near": rf"(?:(?!(?:{_NEGATIONS}|{_NEW_START})\b)\w+ ){{0,3}}?",
            "name": r"\w+(?: \w+){0,2}?",
        }
        grammar = Grammar(spec["rules"], gaps)

        def anywhere(templates: Sequence[str]) -> re.Pattern[str]:
            return re.compile(rf"\b{grammar.pattern(templates)}\b")

        self._always = anywhere(spec["always"])
        self._mentions = anywhere(spec["mentions"])
        self._requests = anywhere(spec["requests"])
        self._bare = re.compile(framed(grammar.pattern(spec["bare"])))
        self._call_back = anywhere(spec["call_back"])
        self._negation = re.compile(rf"\b(?:{_NEGATIONS})\b")

    def calls_back(self, sentence: str) -> bool:
        """Return whether `sentence` asks to be called back by someone."""
        return bool(self._call_back.search(sentence)) and not self._negation.search(sentence)

    def plainly(self, sentence: str) -> bool:
        """Return whether `sentence` asks for a human beyond doubt: what follows cannot change it."""
        return bool(self._bare.fullmatch(sentence) or self._always.search(sentence))

    def anywhere(self, sentence: str) -> bool:
        """Return whether a request for a human is anywhere in `sentence` (words as of `text.words`)."""
        return self.plainly(sentence) or bool(self._requests.search(self._mentions.sub(" - ", sentence)))

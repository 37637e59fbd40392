"""What every bot understands: a human, yes, no, goodbye, thanks, and asides about the talk itself."""

from __future__ import annotations

import re
from importlib.resources import files

from ruamel.yaml import YAML

from voicebot.understanding.human import HumanRequests
from voicebot.understanding.templates import SPACE, Grammar
from voicebot.understanding.text import normalise

_NAME = r"\w+(?: \w+){0,2}?"
_SLOT = r"\bslot_\w+\b"


class CommonDutch:
    """The Dutch of common.yaml, ready to match. Sentences are words as of `text.words`, one space between."""

    def __init__(self) -> None:
        spec = YAML(typ="safe", pure=True).load(files(__package__).joinpath("common.yaml").read_text("utf-8"))
        around = Grammar({}, {"name": _NAME})
        self._lead, self._tail = around.pattern(spec["lead"]), around.pattern(spec["tail"])
        self.skipped = frozenset(normalise(spec["skipped"]).split())
        """Polite words that carry no meaning in a request."""
        self._unfinished = frozenset(normalise(spec["unfinished"]).split())
        self._seldom_last = self._unfinished | frozenset(normalise(spec["seldom_last"]).split())
        listening = around.pattern(spec["backchannels"])
        self._backchannel = re.compile(rf"{listening}(?: {listening}){{0,3}}")
        waits = spec["asides"]["wait"]
        self._goes_on = re.compile(rf"(?:.* )?{around.pattern([*spec['goes_on'], *waits])}")
        self._slot_phrase = re.compile(rf"\b{around.pattern(spec['slot_lead'])}{SPACE}{_SLOT} ?")
        self._intents = {
            intent: re.compile(around.pattern(templates)) for intent, templates in spec["intents"].items()
        }
        self.human = HumanRequests(spec["human"], self.framed)
        self._asides = {
            aside: re.compile(self.framed(around.pattern(templates)))
            for aside, templates in spec["asides"].items()
        }
        self._another = re.compile(self.framed(around.pattern(spec["another"])))
        self._frame = re.compile(self.framed(""))

    def framed(self, pattern: str) -> str:
        """Return the regular expression for `pattern` with greetings before it and thanks after it.

        A few of them: without a bound "ja ja ja ja ..." would take exponential time.
        """
        return rf"(?:{self._lead}{SPACE}){{0,5}}{pattern}(?:{SPACE}{self._tail}){{0,3}}"

    def intent(self, sentence: str) -> str | None:
        """Return ``yes``, ``no``, ``goodbye`` or ``thanks`` when that is all that `sentence` says."""
        return next((intent for intent, known in self._intents.items() if known.fullmatch(sentence)), None)

    def aside(self, sentence: str) -> str | None:
        """Return which of the asides of common.yaml is all that `sentence` says, such as ``repeat``."""
        forms = (sentence, self.without_politeness(sentence))
        asides = (aside for aside, known in self._asides.items() if any(map(known.fullmatch, forms)))
        return next(asides, None)

    def is_backchannel(self, sentence: str) -> bool:
        """Return whether `sentence` only shows that the caller listens."""
        return bool(self._backchannel.fullmatch(sentence))

    def goes_on(self, sentence: str) -> bool:
        """Return whether the end of `sentence` promises more: "mijn nummer is", "even kijken", "van"."""
        return sentence.rpartition(" ")[2] in self._unfinished or bool(self._goes_on.fullmatch(sentence))

    def seldom_ends(self, sentence: str) -> bool:
        """Return whether a finished sentence seldom ends as this one does."""
        return sentence.rpartition(" ")[2] in self._seldom_last

    def wants_another(self, sentence: str) -> bool:
        """Return whether `sentence` asks for another value than the one that was read back."""
        return bool(self._another.fullmatch(sentence))

    def yes_or_no(self, sentence: str) -> str | None:
        """Return what an answer begins with, unless it goes on with the other one or with a "but"."""
        first, *rest = sentence.split()
        if first == "ja":
            return "yes" if {"nee", "neen", "niet", "maar"}.isdisjoint(rest) else None
        if first in ("nee", "neen"):
            return "no" if {"ja", "maar"}.isdisjoint(rest) else None
        return None

    def is_frame(self, sentence: str) -> bool:
        """Return whether `sentence` is nothing but greetings, thanks and polite words."""
        return bool(self._frame.fullmatch(self.without_politeness(sentence)))

    def without_politeness(self, sentence: str) -> str:
        """Return `sentence` without the words that carry no meaning in a request."""
        return " ".join(word for word in sentence.split() if word not in self.skipped)

    def without_slots(self, sentence: str) -> str:
        """Return `sentence` without slot words and what introduces them ("met nummer ...")."""
        return " ".join(self._slot_phrase.sub(" ", sentence).split())

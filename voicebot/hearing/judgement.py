"""What the words so far are worth, as the understanding of the bot has it; asked per frame, judged once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Protocol

from voicebot.expectation import Claim, Completeness, Expectation
from voicebot.hearing.grammars import GRAMMARS
from voicebot.hearing.recogniser import Transcript

_BELIEVED: Final = 0.4
"""Least product of the confidences of a second look. Not understanding a number costs the caller a try, and
a wrong one no more: it is looked up and not found, or read back."""


class Judge(Protocol):
    """What is needed of an `Understanding`; pure and quick (< 1 ms)."""

    def completeness(self, expectation: Expectation, text: str, /) -> Completeness:
        """Return how much of an answer `text` is."""
        ...

    def claim(self, expectation: Expectation, text: str, /, *, cut: bool) -> Claim:
        """Return whether who says `text`, its end perhaps `cut` off, wants to be heard over the bot."""
        ...

    def understands(self, expectation: Expectation, text: str, /) -> bool:
        """Return whether `text` means anything here."""
        ...


class Judgement:
    """Judges the words of one caller by what the bot waits for."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._expectation, self._question = Expectation(), 0
        self._complete: tuple[str, Completeness] = ("", Completeness.OPEN)
        self._claims: tuple[tuple[str, int | None, bool], Claim] = (("", None, False), Claim.NONE)

    def expect(self, expectation: Expectation, question: int) -> None:
        """From now on the bot waits for this; `question` is the prompt that asks for it."""
        self._expectation, self._question = expectation, question
        self._complete = ("", Completeness.OPEN)
        self._claims = (("", None, False), Claim.NONE)

    def completeness(self, text: str) -> Completeness:
        """Return how much of an answer `text` is."""
        if text != self._complete[0]:
            self._complete = (text, self._judge.completeness(self._expectation, text))
        return self._complete[1]

    def claim(self, text: str, prompt: int | None, *, cut: bool) -> Claim:
        """Return whether who says `text` during a prompt wants to be heard; only its own answer is one."""
        if (text, prompt, cut) != self._claims[0]:
            asked = self._expectation if prompt == self._question else Expectation()
            self._claims = ((text, prompt, cut), self._judge.claim(asked, text, cut=cut))
        return self._claims[1]

    def second_look(self, transcript: Transcript) -> Sequence[str] | None:
        """Return a grammar to recognise an utterance with again, of which `transcript` makes nothing.

        Only of digits: with letters too, a grammar hears no more than is heard freely.
        """
        if not self._expectation.only_digits or not transcript.text:
            return None
        if self._judge.understands(self._expectation, transcript.text):
            return None
        return GRAMMARS["digits"]

    def believes(self, second: Transcript) -> bool:
        """Return whether what a second look made of it is an answer, and likely enough."""
        whole = self._judge.completeness(self._expectation, second.text) is Completeness.COMPLETE
        return whole and math.prod(word.conf for word in second.words) > _BELIEVED

from __future__ import annotations

from dataclasses import dataclass

import pytest

from voicebot.expectation import Claim, Completeness, Expectation
from voicebot.hearing.grammars import GRAMMARS
from voicebot.hearing.judgement import Judgement
from voicebot.hearing.recogniser import Transcript, Word

pytestmark = pytest.mark.unit

ORDER = Expectation("order_number", "digits", 2)


@dataclass
class Judge:
    """Understands two digits, and "medewerker"."""

    def completeness(self, expectation: Expectation, text: str) -> Completeness:
        return Completeness.COMPLETE if self.understands(expectation, text) else Completeness.OPEN

    def claim(self, expectation: Expectation, text: str, *, cut: bool) -> Claim:
        return Claim.NONE

    def understands(self, expectation: Expectation, text: str) -> bool:
        return text in ("een twee", "medewerker")


def judgement(expectation: Expectation = ORDER) -> Judgement:
    judging = Judgement(Judge())
    judging.expect(expectation, 1)
    return judging


def heard(text: str, conf: float) -> Transcript:
    return Transcript(text, tuple(Word(word, 0.0, 0.1, conf) for word in text.split()))


@pytest.mark.parametrize(
    ("text", "expectation", "looks"),
    [
        ("een wie", ORDER, True),
        ("een wie", Expectation("phone_number", "phone"), True),
        ("een wie", Expectation("postcode", "postcode"), False),
        ("een wie", Expectation(), False),
        ("een twee", ORDER, False),
        ("medewerker", ORDER, False),
        ("", ORDER, False),
    ],
)
def test_a_number_that_is_not_understood_gets_a_second_look(
    text: str, expectation: Expectation, looks: bool
) -> None:
    assert judgement(expectation).second_look(Transcript(text)) == (GRAMMARS["digits"] if looks else None)


@pytest.mark.parametrize(
    ("text", "conf", "believed"),
    [("een twee", 0.9, True), ("een twee", 0.5, False), ("een", 0.9, False), ("", 0.9, False)],
)
def test_a_second_look_is_believed_if_it_is_whole_and_likely(text: str, conf: float, believed: bool) -> None:
    assert judgement().believes(heard(text, conf)) is believed

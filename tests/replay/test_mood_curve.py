import pytest

from voicebot.events import Entry, MoodScored, NoteFrustration, UtteranceEnded
from voicebot.replay.mood_curve import Point, curve, felt, sounded

pytestmark = pytest.mark.unit

ENTRIES = [
    Entry("c", 1, 1000, UtteranceEnded("waar blijft mijn pakket", 200, 1000)),
    Entry("c", 2, 1010, MoodScored(0.7, 0.35, False, ("scherpe stem",), 200, 1000)),
    Entry("c", 3, 1010, NoteFrustration(0.2, ("klonk geïrriteerd (scherpe stem)",))),
    Entry("c", 4, 3000, NoteFrustration(0.6, ("klonk geïrriteerd (scherpe stem)", "schold"))),
]


def test_what_was_felt_and_how_turns_sounded() -> None:
    assert felt(ENTRIES) == [
        Point(1010, 0.2, "klonk geïrriteerd (scherpe stem)"),
        Point(3000, 0.6, "klonk geïrriteerd (scherpe stem), schold"),
    ]
    assert sounded(ENTRIES) == [Point(1000, 0.7, "scherpe stem")]


def test_the_curve_goes_up_in_steps_from_calm_to_the_end_of_the_call() -> None:
    assert curve(felt(ENTRIES), seconds=5, px_per_s=10, height=40) == "M0 40H10.1V32.0H30.0V16.0H50.0"


def test_a_call_without_signs_has_no_curve() -> None:
    assert curve([], seconds=5, px_per_s=10, height=40) == ""

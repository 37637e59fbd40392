"""What the caller thought of it: asked once, and skipped by whoever does not answer."""

from __future__ import annotations

import pytest
from talk import BOT, STARTED, said

from voicebot.dialogue import State, decide
from voicebot.dialogue.bot import SurveySpec
from voicebot.events import (
    CancelTimer,
    Effect,
    Event,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    NoteRating,
    PromptFinished,
    TimerExpired,
    Transfer,
    UtteranceEnded,
)

pytestmark = pytest.mark.unit

SURVEY = SurveySpec(helped="Geholpen?", score="Cijfer?", thanks="Dank.")
CURIOUS = BOT.model_copy(update={"survey": SURVEY})
HOURS, YES, NO, HUMAN = (IntentRecognised(name, 1.0) for name in ("opening_hours", "yes", "no", "human"))


class CuriousTalk:
    """A caller who was told the opening hours, and wants nothing else."""

    def __init__(self) -> None:
        self.state = State()
        self.all: list[Effect] = []
        self.tell(STARTED)

    def tell(self, event: Event) -> list[Effect]:
        self.state, effects = decide(CURIOUS, self.state, event)
        self.all += effects
        return list(effects)

    def ratings(self) -> list[NoteRating]:
        return [effect for effect in self.all if isinstance(effect, NoteRating)]


@pytest.fixture
def talk() -> CuriousTalk:
    talk = CuriousTalk()
    talk.tell(HOURS)
    assert said(talk.tell(NO)) == ["Geholpen?"]
    return talk


@pytest.mark.parametrize(("answer", "helped"), [(YES, True), (NO, False), (KeysEntered({}, "yes"), True)])
@pytest.mark.parametrize(
    "mark", [IntentRecognised("inform", 1.0, {"score": "4"}), KeysEntered({"score": "4"})]
)
def test_both_answers_are_kept_and_then_it_is_goodbye(
    talk: CuriousTalk, answer: Event, helped: bool, mark: Event
) -> None:
    assert said(talk.tell(answer)) == ["Cijfer?"]
    assert said(talk.tell(mark)) == ["Dank.", "Dag."]
    assert talk.ratings() == [NoteRating(helped, 4)]
    assert talk.tell(PromptFinished(talk.state.last_words))[-1] == HangUp("contained")


@pytest.mark.parametrize("skipping", [TimerExpired("no_input"), IntentNotRecognised(), KeyPressed("#")])
def test_who_does_not_answer_is_asked_no_more(talk: CuriousTalk, skipping: Event) -> None:
    assert said(talk.tell(skipping)) == ["Dag."]
    assert talk.ratings() == []


def test_half_an_answer_is_kept_too(talk: CuriousTalk) -> None:
    talk.tell(NO)
    assert said(talk.tell(TimerExpired("no_input"))) == ["Dank.", "Dag."]
    assert talk.ratings() == [NoteRating(False, None)]


def test_a_noise_skips_nothing(talk: CuriousTalk) -> None:
    assert said(talk.tell(UtteranceEnded("", 0, 1))) == []
    assert said(talk.tell(YES)) == ["Cijfer?"]


@pytest.mark.parametrize("aside", ["repeat", "slower"])
def test_a_question_can_be_asked_again(talk: CuriousTalk, aside: str) -> None:
    again = IntentRecognised(aside, 1.0)
    assert said(talk.tell(again)) == ["Geholpen?"]
    talk.tell(YES)
    assert said(talk.tell(again)) == ["Cijfer?"]
    for _ in range(5):
        talk.tell(again)
    assert talk.ratings() == [NoteRating(True, None)]


def test_a_wish_is_still_a_wish(talk: CuriousTalk) -> None:
    effects = talk.tell(HOURS)
    assert said(effects) == ["Altijd.", "Nog iets?"]
    assert CancelTimer("no_input") in effects  # of the interrupted question


def test_who_answered_is_not_asked_again_after_another_wish(talk: CuriousTalk) -> None:
    talk.tell(YES)
    talk.tell(HOURS)
    assert said(talk.tell(NO)) == ["Dag."]


def test_a_human_is_still_there(talk: CuriousTalk) -> None:
    talk.tell(HUMAN)
    assert isinstance(talk.tell(PromptFinished(talk.state.last_words))[-1], Transfer)


def test_who_was_told_nothing_is_not_asked() -> None:
    talk = CuriousTalk()
    assert said(talk.tell(IntentRecognised("goodbye", 1.0))) == ["Dag."]

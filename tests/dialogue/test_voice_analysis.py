"""The caller is told before the voice is analysed, can refuse at any moment, and is left alone at the end."""

import pytest
from talk import BOT, HUMAN, WISH, Talk, only, said

from voicebot.dialogue import Bot
from voicebot.events import (
    AnalyseVoice,
    IntentRecognised,
    KeyPressed,
    MoodScored,
    PromptFinished,
    PromptInterrupted,
    Say,
    Transfer,
)

pytestmark = pytest.mark.unit

WITH_VOICE = Bot.model_validate({**BOT.model_dump(by_alias=True), "escalation": {"voice": True}})
REFUSES = IntentRecognised("no_analysis", 1.0)
ANGRY = MoodScored(0.9, 0.9, True, ("scherpe stem",), 0, 500)


def switches(talk: Talk) -> list[bool]:
    return [effect.on for effect in talk.all if isinstance(effect, AnalyseVoice)]


def told() -> Talk:
    talk = Talk(WITH_VOICE)
    talk.tell(PromptFinished(1), PromptFinished(talk.state.notice))
    return talk


def test_the_notice_follows_the_disclosure_and_cannot_be_interrupted() -> None:
    first, second, third = (effect for effect in Talk(WITH_VOICE).all if isinstance(effect, Say))
    assert [first.name, second.name, third.name] == ["disclosure", "notice", "opening"]
    assert not second.interruptible


def test_analysis_begins_when_the_notice_has_been_spoken_and_not_before() -> None:
    talk = Talk(WITH_VOICE)
    talk.tell(PromptFinished(1), ANGRY)
    assert switches(talk) == []
    assert talk.state.temper.level == 0
    talk.tell(PromptFinished(talk.state.notice))
    assert switches(talk) == [True]


def test_a_notice_that_was_not_heard_to_its_end_allows_nothing() -> None:
    talk = Talk(WITH_VOICE)
    talk.tell(PromptInterrupted(talk.state.notice, 500), PromptFinished(3))
    assert switches(talk) == []


@pytest.mark.parametrize("refusal", [REFUSES, KeyPressed("#")])
def test_refusing_switches_it_off_at_once_and_for_good(refusal: IntentRecognised | KeyPressed) -> None:
    talk = told()
    talk.tell(ANGRY)
    talk = told()
    assert said(talk.tell(refusal))[0] == WITH_VOICE.escalation.refused
    assert switches(talk) == [True, False]
    talk.tell(ANGRY, PromptFinished(talk.state.notice))
    assert talk.state.temper.level == 0
    assert switches(talk) == [True, False]


@pytest.mark.parametrize("refusal", [REFUSES, KeyPressed("#")])
def test_who_refuses_over_the_notice_is_never_analysed(refusal: IntentRecognised | KeyPressed) -> None:
    talk = Talk(WITH_VOICE)
    talk.tell(refusal, PromptFinished(talk.state.notice), ANGRY)
    assert switches(talk) == []
    assert talk.state.temper.level == 0


def test_refusing_forgets_what_the_voice_told() -> None:
    talk = told()
    talk.tell(MoodScored(0.8, 0.4, False, ("scherpe stem",), 0, 500))
    assert talk.state.temper.evidence
    talk.tell(REFUSES)
    assert (talk.state.temper.level, talk.state.temper.evidence) == (0, ())


def test_the_open_question_is_asked_again_after_a_refusal() -> None:
    talk = told()
    talk.tell(WISH)
    assert said(talk.tell(REFUSES)) == [WITH_VOICE.escalation.refused, "Cijfers."]


def test_it_stops_at_the_hand_over() -> None:
    talk = told()
    talk.tell(HUMAN)
    assert switches(talk) == [True, False]
    assert only(talk.last_words_spoken(), Transfer).reason == "asked_for_human"


def test_without_it_nothing_is_said_of_it_and_a_hash_is_a_hash() -> None:
    talk = Talk()
    assert said(talk.all) == ["Ik ben een computer. Zeg medewerker.", "Waarmee?"]
    assert said(talk.tell(KeyPressed("#"))) == ["Waarmee?"]
    assert switches(talk) == []

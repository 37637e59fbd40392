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
    SpeechContinued,
    TakeBack,
    Transfer,
    UtteranceEnded,
    WarningHeard,
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
    assert said(talk.tell(refusal))[0] == WITH_VOICE.escalation.refused
    assert switches(talk) == [True, False]
    talk.tell(ANGRY, PromptFinished(talk.state.notice))
    assert talk.state.temper.level == 0
    assert switches(talk) == [True, False]


def test_refusing_in_the_midst_of_a_sentence_leaves_the_rest_to_be_understood() -> None:
    talk = told()
    effects = talk.tell(WarningHeard(refuses=True), WISH)
    assert switches(talk) == [True, False]
    assert said(effects) == ["Nummer?"]


@pytest.mark.parametrize("refusal", [REFUSES, KeyPressed("#")])
def test_refusing_in_the_survey_asks_that_again(refusal: IntentRecognised | KeyPressed) -> None:
    bot = Bot.model_validate({**BOT.model_dump(by_alias=True), "survey": {}, "escalation": {"voice": True}})
    talk = Talk(bot)
    talk.tell(PromptFinished(talk.state.notice), IntentRecognised("opening_hours", 1.0))
    talk.tell(IntentRecognised("no", 1.0))
    assert talk.state.phase == "rating"
    effects = talk.tell(refusal)
    assert said(effects) == [bot.escalation.refused, "Bent u hiermee geholpen?"]


def test_a_turn_that_goes_on_after_a_refusal_does_not_bring_the_voice_back() -> None:
    talk = told()
    talk.tell(MoodScored(0.8, 0.6, False, ("scherpe stem",), 0, 500))
    talk.tell(UtteranceEnded("geen stemanalyse", 0, 500), REFUSES, SpeechContinued(None))
    assert talk.state.analysis == "refused"
    assert (talk.state.temper.voice, talk.state.temper.evidence) == (0, ())


def test_who_wants_a_human_is_not_told_of_an_analysis_that_will_not_be() -> None:
    talk = Talk(WITH_VOICE)
    effects = talk.tell(HUMAN)
    assert only(effects, TakeBack) == TakeBack(talk.state.notice - 1, 0)
    talk.tell(PromptFinished(talk.state.notice))
    assert switches(talk) == []


def test_who_stays_after_the_goodbye_is_still_listened_to() -> None:
    talk = told()
    talk.tell(IntentRecognised("goodbye", 1.0), WISH)
    assert switches(talk) == [True, False, True]


@pytest.mark.parametrize("refusal", [WarningHeard(refuses=True), KeyPressed("#")])
def test_who_refuses_over_the_goodbye_and_stays_is_left_alone(refusal: WarningHeard | KeyPressed) -> None:
    talk = told()
    talk.tell(IntentRecognised("goodbye", 1.0), refusal, WISH)
    assert talk.state.phase == "asking"
    assert switches(talk)[-1] is False


def test_a_notice_that_does_not_tell_is_refused() -> None:
    with pytest.raises(ValueError, match="stem"):
        Bot.model_validate({**BOT.model_dump(by_alias=True), "escalation": {"voice": True, "notice": ""}})


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

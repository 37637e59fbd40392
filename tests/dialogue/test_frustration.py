"""When a human comes though nobody asked for one, and what the agent is told of why."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import BOT, HUMAN, NUMBER, STARTED, WISH, Talk, only, said

from voicebot.dialogue import Bot
from voicebot.dialogue.frustration import VOICE_ALARM, WEIGHTS, Sign, Temper
from voicebot.dialogue.steps import ConfirmSpec
from voicebot.events import (
    BackendReplied,
    Event,
    IntentNotRecognised,
    IntentRecognised,
    KeysEntered,
    MoodScored,
    NoteFrustration,
    PromptInterrupted,
    SpeechContinued,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)

pytestmark = pytest.mark.unit

ASKED = ConfirmSpec(confirm="order_number", say="Klopt {order_number}?")
SAID = UtteranceEnded("iets", 0, 500)
COMPLAINT, SWEARING = WarningHeard(("complaint",)), WarningHeard(("swearing",))
MISSED = IntentNotRecognised()


def bot(**escalation: object) -> Bot:
    return Bot.model_validate({**BOT.model_dump(by_alias=True), "escalation": escalation})


def mood(score: float, level: float, *, alarm: bool = False) -> MoodScored:
    return MoodScored(score, level, alarm, ("spreekt hoger dan eerst",), 0, 500)


def turns(talk: Talk, *events: Event) -> Transfer | None:
    """Tell events, each in a turn of its own; return the transfer that comes of it."""
    for event in events:
        talk.tell(SAID, event)
    effects = talk.last_words_spoken()
    return next((effect for effect in effects if isinstance(effect, Transfer)), None)


@pytest.mark.parametrize("once", [COMPLAINT, SWEARING, WarningHeard(("repetition",))])
def test_one_angry_word_is_no_alarm(once: WarningHeard) -> None:
    assert turns(Talk(), once) is None


def test_anger_in_words_twice_brings_a_human_who_hears_why() -> None:
    talk = Talk()
    assert turns(talk, WarningHeard(("swearing", "complaint", "repetition"))) is None, "one sentence"
    talk = Talk()
    transfer = turns(talk, COMPLAINT, WarningHeard(("swearing", "repetition")))
    assert transfer is not None
    assert transfer.reason == "frustrated"
    assert transfer.evidence == ("klaagde over het gesprek", "schold", "moest zich herhalen")
    assert said(talk.all)[-1] == bot().escalation.apology


def test_anger_that_has_passed_does_not_count_in_full() -> None:
    talk = Talk()
    talk.tell(SAID, COMPLAINT, WISH)
    calm = [UtteranceEnded("", 0, 1), IntentRecognised("opening_hours", 1.0)]
    assert turns(talk, *calm * 3, COMPLAINT) is None
    assert talk.state.temper.level < 2 * WEIGHTS[Sign.COMPLAINT]


def test_our_failures_and_one_angry_word_bring_a_human() -> None:
    talk = Talk()
    talk.tell(SAID, MISSED)
    talk.tell(SAID, WISH)
    transfer = turns(talk, SWEARING, MISSED)
    assert transfer is not None
    assert (transfer.reason, transfer.intent) == ("frustrated", "order_status")
    assert transfer.evidence == ("werd niet begrepen", "schold")


def test_failures_alone_keep_their_own_reason() -> None:
    transfer = turns(Talk(), MISSED, MISSED)
    assert transfer is not None
    assert transfer.reason == "not_understood"
    assert transfer.evidence == ("werd niet begrepen", "werd 2 keer achter elkaar niet begrepen")


def test_a_denied_wish_costs_patience() -> None:
    talk = Talk()
    talk.identify()
    talk.tell(BackendReplied(1, "not_found"))
    assert talk.state.temper.evidence == ("kreeg niet wat hij of zij vroeg",)


def test_what_was_taken_back_costs_nothing() -> None:
    talk = Talk()
    talk.tell(SAID, COMPLAINT, MISSED, SpeechContinued(None))
    assert talk.state.temper == Temper()


def test_minutes_add_up() -> None:
    talk = Talk()
    for _ in range(3):
        talk.tell(TimerExpired("long"))
    assert only(talk.last_words_spoken(), Transfer).evidence == ("is al lang aan de lijn",)


def test_a_voice_of_two_angry_turns_brings_a_human() -> None:
    talk = Talk(bot(voice=True))
    talk.tell(*told_of_analysis(talk))
    talk.tell(mood(0.9, 0.45))
    assert talk.state.phase == "opening"
    talk.tell(mood(0.9, 0.7, alarm=True))
    transfer = only(talk.last_words_spoken(), Transfer)
    assert (transfer.reason, transfer.evidence) == (
        "frustrated",
        ("klonk geïrriteerd (spreekt hoger dan eerst)",),
    )


def told_of_analysis(talk: Talk) -> list[Event]:
    from voicebot.events import PromptFinished

    return [PromptFinished(talk.state.notice)]


def test_who_thanks_is_not_angry_however_it_sounds() -> None:
    talk = Talk(bot(voice=True))
    talk.tell(*told_of_analysis(talk))
    talk.tell(SAID, IntentRecognised("thanks", 1.0), mood(0.9, 0.9, alarm=True))
    assert talk.state.phase != "leaving"


def test_a_threshold_of_one_leaves_it_to_the_other_limits() -> None:
    assert turns(Talk(bot(frustrated=1.0)), COMPLAINT, SWEARING) is None


def test_a_risk_brings_a_human_at_once_with_skill_and_priority() -> None:
    treatment = {"legal": {"skill": "juridisch", "priority": 7}, "risk": {"priority": 1}}
    talk = Talk(bot(risks={"legal": ["advocaat"], "fire": ["brand"]}, treatment=treatment))
    transfer = turns(talk, WarningHeard(risk="legal"))
    assert transfer is not None
    assert (transfer.reason, transfer.skill, transfer.priority) == ("risk", "juridisch", 7)
    assert transfer.evidence == ("noemde een gevoelig onderwerp: legal",)


def test_a_vip_hears_the_machine_and_gets_a_human() -> None:
    talk = Talk(started=dataclasses.replace(STARTED, vip=True))
    assert said(talk.all) == ["Ik ben een computer. Zeg medewerker.", "Een collega."]
    assert only(talk.last_words_spoken(), Transfer).reason == "vip"


def test_a_caller_who_cannot_be_heard_gets_a_human() -> None:
    talk = Talk()
    talk.tell(WISH)
    for _ in range(3):
        unsure = IntentRecognised("inform", 1.0, {"order_number": NUMBER}, certainty=0.1)
        talk.tell(SAID, unsure)
    transfer = only(talk.last_words_spoken(), Transfer)
    assert (transfer.reason, transfer.evidence) == (
        "hard_to_hear",
        ("was 3 keer achter elkaar slecht te verstaan",),
    )


def test_asking_for_a_human_stays_the_reason() -> None:
    talk = Talk()
    talk.tell(SAID, COMPLAINT)
    transfer = turns(talk, HUMAN)
    assert transfer is not None
    assert transfer.reason == "asked_for_human"
    assert transfer.evidence == ("klaagde over het gesprek",)


def test_an_angry_sentence_that_goes_on_counts_once_while_the_bot_waits() -> None:
    talk = Talk()
    talk.identify()
    assert talk.state.phase == "waiting"
    talk.tell(SAID, COMPLAINT, MISSED, SpeechContinued(None), SAID, COMPLAINT, MISSED)
    assert talk.state.phase == "waiting"
    assert talk.state.temper.level == WEIGHTS[Sign.COMPLAINT]


def test_keys_over_prompts_are_no_anger() -> None:
    talk = Talk()
    talk.tell(WISH)
    for _ in range(30):
        talk.tell(PromptInterrupted(2, 500), PromptInterrupted(3, 0), KeysEntered({"order_number": NUMBER}))
    assert talk.state.phase not in ("leaving", "ended")


def test_what_is_confirmed_was_heard_after_all() -> None:
    talk = Talk()
    talk.tell(WISH)
    for _ in range(5):
        talk.state = dataclasses.replace(talk.state, unsure_in_a_row=2)
        talk.state = dataclasses.replace(talk.state, todo=(ASKED, *talk.state.todo))
        talk.tell(SAID, IntentRecognised("yes", 1.0))
        assert talk.state.unsure_in_a_row == 0


def test_a_risk_over_the_goodbye_still_brings_a_human() -> None:
    talk = Talk(bot(risks={"fire": ["brand"]}))
    talk.tell(IntentRecognised("goodbye", 1.0))
    talk.tell(SAID, WarningHeard(risk="fire"))
    assert only(talk.last_words_spoken(), Transfer).reason == "risk"


def test_each_change_is_noted() -> None:
    talk = Talk()
    talk.tell(SAID, COMPLAINT)
    assert only(talk.all, NoteFrustration) == NoteFrustration(0.35, ("klaagde over het gesprek",))


signs = st.lists(st.sampled_from(Sign), max_size=30)


@given(signs, signs)
def test_the_level_stays_within_bounds_and_signs_never_lower_it(before: list[Sign], more: list[Sign]) -> None:
    temper = Temper().after(*before)
    assert 0 <= temper.level <= temper.after(*more).level <= 1
    assert temper.calmer().level <= temper.level


@given(st.floats(0, 1))
def test_a_voice_without_an_alarm_weighs_less_than_one_with(level: float) -> None:
    assert Temper().sounding(mood(level, level)).level < VOICE_ALARM

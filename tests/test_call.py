"""A whole call on virtual time: real recognition, real synthesis, the in-memory line."""

import asyncio
import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from recordings import FIXTURES, NOW

from voicebot.audio import FRAME_BYTES, read_audio
from voicebot.backends import Reply
from voicebot.call import Call
from voicebot.clock import VirtualClock, run_virtual
from voicebot.dialogue import State, decide
from voicebot.dialogue.bot import SurveySpec
from voicebot.errors import BackendError, HearingError, SpeakingError
from voicebot.event_json import encode
from voicebot.events import (
    CallBackend,
    CallEnded,
    ContextDelivered,
    Effect,
    Entry,
    Event,
    FaultOccurred,
    IntentRecognised,
    KeysEntered,
    Message,
    NoteRating,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    SpeechStarted,
    Transfer,
    UtteranceEnded,
)
from voicebot.house import House
from voicebot.records import Redactor
from voicebot.replay import Turn, VirtualCaller
from voicebot.telephony import MemoryControl, MemoryLine
from voicebot.values import Personal

pytestmark = pytest.mark.audio

CALL_ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@dataclass
class Told:
    """How a call went."""

    ended: CallEnded
    line: MemoryLine
    control: MemoryControl
    entries: list[Entry] = field(default_factory=list)

    @property
    def messages(self) -> list[Message]:
        return [entry.message for entry in self.entries]

    def all(self, kind: type[Any]) -> list[Any]:
        return [message for message in self.messages if isinstance(message, kind)]

    def at(self, wanted: Callable[[Message], bool]) -> int:
        return next(entry.at_ms for entry in self.entries if wanted(entry.message))


def have_call(
    house: House,
    turns: Sequence[Turn] = (),
    act: Callable[[MemoryLine, int], None] | None = None,
    control: MemoryControl | None = None,
) -> Told:
    """Call in virtual time, saying the turns; `act` may do something at each 20 ms frame."""
    control = control or MemoryControl("0612345678")

    async def main() -> Told:
        entries: list[Entry] = []
        line = MemoryLine(CALL_ID)
        own = dataclasses.replace(house, control=control, note=entries.append)
        call = asyncio.create_task(Call(line, own).run())
        caller, mouth, frames = VirtualCaller(turns), bytearray(), 0
        while frame := await line.heard():
            if (turn := caller.listen(np.frombuffer(frame, np.int16))) is not None:
                mouth += turn.samples.tobytes()
            if act is not None:
                act(line, frames)
            line.caller_says(bytes(mouth[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0"))
            del mouth[:FRAME_BYTES]
            frames += 1
        return Told(await call, line, control, entries)

    return run_virtual(main())


def turn(name: str, at_s: float | None = None) -> Turn:
    return Turn(read_audio(FIXTURES / f"{name}.flac"), at_s=at_s)


@pytest.fixture(scope="module")
def long_call(webshop: House) -> Told:
    return have_call(webshop, [turn(name) for name in LONG_CALL])


def test_a_call_is_understood_answered_and_handed_over(long_call: Told) -> None:
    intents = [(intent.intent, set(intent.slots)) for intent in long_call.all(IntentRecognised)]
    assert intents == [
        ("order_status", set()),
        ("inform", {"order_number"}),
        ("inform", {"postcode"}),
        ("opening_hours", set()),
        ("human", set()),
    ]
    answer = next(p for p in long_call.all(PromptStarted) if p.name == "order_status.say")
    assert answer.values["window"] == "tussen 14:00 en 16:00"
    assert (long_call.ended.outcome, long_call.ended.reason) == ("transferred", "asked_for_human")
    assert long_call.line.handed_back
    assert long_call.control.context[CALL_ID]["VB_REASON"] == "asked_for_human"
    assert long_call.control.context[CALL_ID]["VB_INTENT"] == "opening_hours"


def test_the_machine_says_that_it_is_one_within_a_second(long_call: Told) -> None:
    assert long_call.at(lambda m: isinstance(m, PromptStarted) and m.name == "disclosure") <= 1000
    disclosure = next(p for p in long_call.all(PromptStarted) if p.name == "disclosure")
    assert PromptFinished(disclosure.prompt) in long_call.messages


def test_the_stored_redacted_log_decides_the_same(webshop: House, long_call: Told) -> None:
    """Law 1: from redacted events alone the engine gives the redacted effects."""
    redactor = Redactor()
    stored = [redactor.redact(message) for message in long_call.messages]
    written, unredacted = (json.dumps([encode(m) for m in each]) for each in (stored, long_call.messages))
    for private in ("12345", "5611BJ", "een twee drie vier vijf", "vijf zes een een b j"):
        assert private in unredacted
        assert private not in written
    said = [message for message in stored if isinstance(message, UtteranceEnded)]
    assert [" ".join(word.text for word in one.words) for one in said] == [one.text for one in said]
    state, decided = State(), []
    for message in stored:
        if isinstance(message, Event):
            state, effects = decide(webshop.bot, state, message)
            decided += effects
    assert decided == [message for message in stored if isinstance(message, Effect)]


def test_the_same_call_gives_the_same_log(webshop: House) -> None:
    """Prompts without personal values come from the cache; synthesis itself varies a little."""
    turns = [turn("wat_zijn_de_openingstijden"), turn("medewerker_spreken")]
    assert have_call(webshop, turns).entries == have_call(webshop, turns).entries


def test_a_human_can_be_asked_for_over_the_greeting(webshop: House) -> None:
    told = have_call(webshop, [turn("medewerker_spreken", at_s=2.0)])
    assert told.ended.reason == "asked_for_human"
    disclosure = next(p for p in told.all(PromptStarted) if p.name == "disclosure")
    assert PromptFinished(disclosure.prompt) in told.messages


def test_speech_silences_a_prompt_within_a_frame_and_words_stop_it(webshop: House, long_call: Told) -> None:
    opening = long_call.at(lambda m: isinstance(m, PromptStarted) and m.name == "opening")
    told = have_call(webshop, [turn("wat_zijn_de_openingstijden", at_s=opening / 1000 + 0.3)])
    (interrupted,) = (m for m in told.all(PromptInterrupted) if m.heard_ms > 0)
    started = told.at(lambda m: isinstance(m, SpeechStarted) and m.during_prompt == interrupted.prompt)
    assert told.at(lambda m: m == interrupted) - started <= 600
    begun = told.at(lambda m: isinstance(m, PromptStarted) and m.prompt == interrupted.prompt)
    assert interrupted.heard_ms <= started - begun + 40
    assert told.all(IntentRecognised)[0].intent == "opening_hours"


def test_silence_gets_a_friendly_prompt_and_then_a_human(webshop: House) -> None:
    told = have_call(webshop)
    names = [prompt.name for prompt in told.all(PromptStarted)]
    assert names == ["disclosure", "opening", "no_input", "opening", "handoff.no_input"]
    assert told.ended.reason == "no_input"


def test_keys_work_and_stay_personal(webshop: House) -> None:
    def press(line: MemoryLine, frame: int) -> None:
        if frame in range(1000, 1100, 20):
            line.caller_presses("12345"[(frame - 1000) // 20])

    told = have_call(webshop, [turn("waar_is_mijn_bestelling")], press)
    assert told.all(KeysEntered) == [KeysEntered({"order_number": Personal("order_number", "12345")})]


def test_a_mark_by_voice_and_by_key_is_in_the_log(webshop: House) -> None:
    def press(line: MemoryLine, frame: int) -> None:
        if frame == 1930:
            line.caller_presses("4")

    curious = dataclasses.replace(webshop, bot=webshop.bot.model_copy(update={"survey": SurveySpec()}))
    turns = [turn(name) for name in ("f4_openingstijden", "f2_nee_dank_u", "m5_ja_prima")]
    told = have_call(curious, turns, press)
    assert told.all(NoteRating) == [NoteRating(True, 4)]
    assert told.ended.outcome == "contained"


def test_zero_brings_a_human(webshop: House) -> None:
    def press(line: MemoryLine, frame: int) -> None:
        if frame == 50:
            line.caller_presses("0")

    assert have_call(webshop, act=press).ended.reason == "asked_for_human"


def test_a_caller_who_leaves_is_let_go(webshop: House) -> None:
    def leave(line: MemoryLine, frame: int) -> None:
        if frame == 200:
            line.caller_hangs_up()

    told = have_call(webshop, act=leave)
    assert (told.ended.outcome, told.line.handed_back) == ("abandoned", False)
    assert told.messages[-1] == told.ended


class BrokenBackend:
    """A back-end that fails."""

    actions = frozenset({"find_order"})

    def do(self, action: str, arguments: object) -> Reply:
        raise BackendError("the shop is on fire")


LONG_CALL = [
    "waar_is_mijn_bestelling",
    "een_twee_drie_vier_vijf",
    "vijf_zes_een_een_b_j",
    "wat_zijn_de_openingstijden",
    "medewerker_spreken",
]
IDENTIFY = ["waar_is_mijn_bestelling", "een_twee_drie_vier_vijf", "vijf_zes_een_een_b_j"]


def test_a_log_that_fails_does_not_hold_the_caller(webshop: House) -> None:
    def full(entry: Entry) -> None:
        raise OSError("disk full")

    async def main() -> tuple[CallEnded, MemoryLine]:
        line = MemoryLine(CALL_ID)
        own = dataclasses.replace(webshop, control=MemoryControl(), note=full)
        call = asyncio.create_task(Call(line, own).run())
        while await line.heard():
            pass
        return await call, line

    ended, line = run_virtual(main())
    assert (ended.reason, line.handed_back) == ("no_input", True)


class StuckClock(VirtualClock):
    """Work whose description has this in it never returns."""

    def __init__(self, stuck: str) -> None:
        super().__init__(NOW)
        self._stuck = stuck

    async def run(self, work: Callable[[], Any]) -> Any:
        if self._stuck in repr(work):
            await asyncio.Event().wait()
        return await super().run(work)


def test_a_voice_that_hangs_brings_a_human(webshop: House) -> None:
    told = have_call(dataclasses.replace(webshop, clock=StuckClock("speak")))
    assert told.ended.reason == "fault"
    assert told.entries[-1].at_ms < 5_000


def test_an_ear_that_hangs_brings_a_human(webshop: House) -> None:
    stuck = dataclasses.replace(webshop, clock=StuckClock("accept"))
    told = have_call(stuck, [turn("waar_is_mijn_bestelling")])
    assert told.ended.reason == "fault"
    spoke = told.at(lambda m: isinstance(m, SpeechStarted))
    assert told.entries[-1].at_ms - spoke < 10_000


def test_a_back_end_that_hangs_is_talked_over_and_brings_a_human(webshop: House) -> None:
    stuck = dataclasses.replace(webshop, clock=StuckClock("find_order"))
    told = have_call(stuck, [turn(name) for name in IDENTIFY])
    assert told.ended.reason == "backend_failed"
    asked = told.at(lambda m: isinstance(m, CallBackend))
    said = [prompt.name for prompt in told.all(PromptStarted)][-2:]
    assert said == ["still_busy", "handoff.backend_failed"]
    assert told.at(lambda m: isinstance(m, PromptStarted) and m.name == "still_busy") - asked < 1_500
    assert told.entries[-1].at_ms - asked < 12_000


@pytest.mark.parametrize(
    "lie",
    [Reply("nonsense"), Reply("found"), Reply("found", {"window": None}), Reply(["found"]), None],  # type: ignore[arg-type]
)
def test_a_back_end_that_lies_brings_a_human(webshop: House, lie: Reply) -> None:
    class Liar(BrokenBackend):
        def do(self, action: str, arguments: object) -> Reply:
            return lie

    told = have_call(dataclasses.replace(webshop, backend=Liar()), [turn(name) for name in IDENTIFY])
    assert told.ended.outcome == "transferred"
    assert told.line.handed_back


def test_an_asterisk_that_never_answers_us_holds_nobody(webshop: House) -> None:
    class Mute(MemoryControl):
        async def _never(self, *_: object) -> Any:
            await asyncio.Event().wait()

        caller_number = set_context = finish = _never

    def press(line: MemoryLine, frame: int) -> None:
        if frame == 50:
            line.caller_presses("0")

    told = have_call(webshop, act=press, control=Mute())
    assert (told.ended.reason, told.line.handed_back) == ("asked_for_human", True)
    transfer, delivered = (told.at(lambda m, k=k: isinstance(m, k)) for k in (Transfer, ContextDelivered))
    assert delivered - transfer <= 1_000


def test_a_call_in_which_nothing_happens_ends_with_a_human(
    webshop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever part hangs, and however: here no timer ever fires."""
    monkeypatch.setattr("voicebot.dialogue.engine._Decision._start", lambda *_: None)
    told = have_call(webshop)
    assert FaultOccurred("progress", "StalledError") in told.messages
    assert (told.ended.reason, told.line.handed_back) == ("fault", True)


def test_a_hash_out_of_habit_after_the_number_is_no_dead_air(webshop: House) -> None:
    def press(line: MemoryLine, frame: int) -> None:
        if frame in range(1000, 1120, 20):
            line.caller_presses("12345#"[(frame - 1000) // 20])

    told = have_call(webshop, [turn("waar_is_mijn_bestelling")], press)
    assert told.ended.reason == "no_input"
    assert told.entries[-1].at_ms < 60_000


def test_a_failing_back_end_brings_a_human(webshop: House) -> None:
    broken = dataclasses.replace(webshop, backend=BrokenBackend())
    told = have_call(broken, [turn(name) for name in IDENTIFY])
    assert told.ended.reason == "backend_failed"


def test_a_failing_ear_brings_a_human(webshop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise HearingError("deaf")

    monkeypatch.setattr("voicebot.hearing.recogniser.Recogniser.accept", fail)
    told = have_call(webshop, [turn("waar_is_mijn_bestelling")])
    assert told.ended.reason == "fault"
    assert told.line.handed_back


def test_a_failing_voice_brings_a_human(webshop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SpeakingError("mute")

    monkeypatch.setattr("voicebot.speaking.synthesiser.Synthesiser.speak", fail)
    told = have_call(webshop)
    assert told.ended.reason == "fault"
    assert told.line.handed_back


def test_a_failing_engine_brings_a_human(webshop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("voicebot.call.decide", fail)
    told = have_call(webshop)
    assert told.ended.reason == "fault"
    assert told.line.handed_back


def test_without_the_manager_the_caller_still_reaches_a_human(webshop: House) -> None:
    class Deaf(MemoryControl):
        async def set_context(self, call_id: str, variables: object) -> bool:
            return False

    async def main() -> tuple[CallEnded, MemoryLine]:
        line = MemoryLine(CALL_ID)
        call = asyncio.create_task(Call(line, dataclasses.replace(webshop, control=Deaf())).run())
        while await line.heard():
            line.caller_presses("0")
        return await call, line

    ended, line = run_virtual(main())
    assert (ended.outcome, line.handed_back) == ("transferred", True)


def test_a_transfer_names_the_queue_of_the_bot(webshop: House, long_call: Told) -> None:
    (transfer,) = long_call.all(Transfer)
    assert transfer.queue == webshop.bot.queue
    assert [m.text for m in long_call.all(UtteranceEnded)][-1].endswith("medewerker spreken")

"""The demo as a whole on a real Asterisk, and many calls at once."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import pytest
from recordings import FIXTURES, NOW
from rich.console import Console

from voicebot.audio import read_audio
from voicebot.clock import VirtualClock, run_virtual
from voicebot.demo import Cast, Demo, Show, Stage, open_stage
from voicebot.dialogue import State, decide, load_bot
from voicebot.event_json import decode
from voicebot.events import CallEnded, CallStarted, Effect, Entry, Event, IntentRecognised
from voicebot.records import EventStore
from voicebot.replay import Turn, VirtualCaller
from voicebot.telephony import AsteriskInstall, SipPhone, is_callback_leg

pytestmark = pytest.mark.asterisk

CALLS = 10


def test_the_demo_holds_and_leaves_its_proof(asterisk_install: AsteriskInstall, tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo = Demo(Cast.of(FIXTURES), tmp_path / "work", out, Show(Console(quiet=True)))
    asyncio.run(demo.on_asterisk(asterisk_install, bind="127.0.0.1", stay=False))

    assert sorted(file.name for file in out.iterdir()) == ["call.wav", "events.jsonl", "summary.md"]
    summary = (out / "summary.md").read_text()
    assert "[ ]" not in summary
    assert "transferred: reason=asked_for_human" in summary
    left = "".join(file.read_text(errors="replace") for file in out.iterdir() if file.suffix != ".wav")
    assert "12345" not in left
    assert "een twee drie vier vijf" not in left
    assert decides_the_same(out / "events.jsonl")


def test_without_asterisk_the_same_call_goes_over_the_in_memory_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    demo = Demo(Cast.of(FIXTURES), tmp_path / "work", out, Show(Console(quiet=True)))
    run_virtual(demo.in_memory(VirtualClock(NOW)))
    assert "[ ]" not in (out / "summary.md").read_text()
    assert decides_the_same(out / "events.jsonl")


def decides_the_same(log: Path) -> bool:
    """Law 1: the engine gives the stored effects for the stored events."""
    stored = [decode(json.loads(line)["message"]) for line in log.read_text().splitlines()]
    bot, state, decided = load_bot("webshop"), State(), []
    for message in stored:
        if isinstance(message, Event):
            state, effects = decide(bot, state, message)
            decided += effects
    return decided == [message for message in stored if isinstance(message, Effect)]


def turns(*names: str) -> list[Turn]:
    return [Turn(read_audio(FIXTURES / f"{name}.flac")) for name in names]


SCRIPTS = [
    (turns("waar_is_mijn_bestelling", "medewerker"), ("order_status", "human")),
    (turns("wat_zijn_de_openingstijden", "medewerker"), ("opening_hours", "human")),
    (turns("medewerker_spreken"), ("human",)),
]


@pytest.mark.load
def test_ten_calls_at_once_are_complete_and_unmixed(
    asterisk_install: AsteriskInstall, tmp_path: Path
) -> None:
    async def main() -> list[list[Entry]]:
        async with open_stage(
            asterisk_install, tmp_path, bot="webshop", bind="127.0.0.1", tell=lambda _: None
        ) as stage:
            async with asyncio.timeout(120):
                await asyncio.gather(*(one_call(stage, SCRIPTS[n % 3][0]) for n in range(CALLS)))
            return await finished_calls(stage)

    calls = asyncio.run(main())
    assert len(calls) == CALLS
    for entries in calls:
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert {entry.call_id for entry in entries} == {entries[0].call_id}
        assert isinstance(entries[0].message, CallStarted)
        assert isinstance(entries[-1].message, CallEnded)
        assert entries[-1].message.outcome == "transferred"
    intents = Counter(
        tuple(entry.message.intent for entry in entries if isinstance(entry.message, IntentRecognised))
        for entries in calls
    )
    assert intents == Counter(SCRIPTS[n % 3][1] for n in range(CALLS))


async def one_call(stage: Stage, script: list[Turn]) -> None:
    """Say the script, and stay on the line until the bot has handed over."""
    async with SipPhone("caller", stage.sip) as phone:
        call = await phone.call(stage.number)
        caller = VirtualCaller(script)
        spoken = asyncio.Event()

        def listen(frame: object, at: float) -> None:
            if (turn := caller.listen(frame)) is not None:  # type: ignore[arg-type]
                call.say(turn.samples)
            if caller.done:
                spoken.set()

        call.stream.on_frame = listen
        await spoken.wait()
        await asyncio.sleep(6)  # "Ik verbind u door", and into the queue


async def finished_calls(stage: Stage) -> list[list[Entry]]:
    """Read the log once every call has been written to its end; leaving a number is no other call."""
    store = EventStore(f"sqlite:///{stage.database}")
    try:
        async with asyncio.timeout(10):
            while not all(call.outcome for call in store.calls(limit=100)):
                await asyncio.sleep(0.1)
        ids = [call.call_id for call in store.calls(limit=100)]
        return [store.entries(call_id) for call_id in ids if not is_callback_leg(call_id)]
    finally:
        store.close()

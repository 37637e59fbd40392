"""A real call, in virtual time, is stored redacted, made into a fixture, and replayed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import FIXTURES

from voicebot.audio import read_audio
from voicebot.events import BackendReplied, Entry, IntentRecognised, Message
from voicebot.expectation import Expectation
from voicebot.house import House
from voicebot.records import EventStore, Redactor
from voicebot.replay import Fixture, Recordings, Turn, judge, load_fixture, record_call, replay_direct
from voicebot.speaking import Voice, normalise

pytestmark = pytest.mark.audio

REAL = """\
call: Een echt gesprek
bot: webshop
caller_number: "0687654321"
line: {codec: none, band: false}
backend: {delay_ms: 120}
turns: [expect: {event: CallEnded}]
"""


def said(name: str, at_s: float | None = None) -> Turn:
    return Turn(read_audio(FIXTURES / f"{name}.flac"), at_s=at_s)


ORDER, NUMBER, POSTCODE = map(
    said, ("waar_is_mijn_bestelling", "een_twee_drie_vier_vijf", "vijf_zes_een_een_b_j")
)
HOURS, LEAVES = said("wat_zijn_de_openingstijden"), Turn(hangs_up=True)
CALLS: dict[str, Sequence[Turn]] = {
    "one_by_one": [ORDER, NUMBER, POSTCODE, HOURS, said("medewerker_spreken")],
    "in_a_hurry": [said("waar_is_bestelling_12345", at_s=10.4), POSTCODE, said("medewerker", at_s=5.6)],
    "by_keys": [ORDER, Turn(keys="12345"), POSTCODE, Turn(keys="0")],
    "wrong_number": [ORDER, Turn(keys="99999"), POSTCODE, Turn(keys="12#"), LEAVES],
    "silent_at_first": [said("wat_zijn_de_openingstijden", at_s=22.0), LEAVES],
    "gone_at_once": [Turn(hangs_up=True, at_s=4.0)],
}


@pytest.fixture(scope="module", params=CALLS)
def stored(
    request: pytest.FixtureRequest, webshop: House, tmp_path_factory: pytest.TempPathFactory
) -> list[Entry]:
    """The log of a call, as the event store has it."""
    folder = tmp_path_factory.mktemp("call")
    (folder / "real.yaml").write_text(REAL)
    call = replay_direct(load_fixture(folder / "real.yaml"), CALLS[request.param], webshop, folder).entries
    store, redactor = EventStore(f"sqlite:///{folder / 'calls.db'}"), Redactor()
    store.append([Entry(e.call_id, e.seq, e.at_ms, redactor.redact(e.message)) for e in call])
    entries = store.entries(call[0].call_id)
    store.close()
    return entries


@pytest.fixture
def fixture(stored: list[Entry], webshop: House, tmp_path: Path) -> Fixture:
    slots = {name: Expectation(name, spec.type, spec.length) for name, spec in webshop.bot.slots.items()}
    file = tmp_path / "recorded.yaml"
    file.write_text(record_call(stored, "webshop", slots))
    return load_fixture(file)


def test_the_recorded_call_passes_and_goes_the_same_way(
    fixture: Fixture, stored: list[Entry], webshop: House, tmp_path: Path
) -> None:
    def speak(text: str, voice: str, rate_wpm: int) -> NDArray[np.int16]:
        return webshop.synthesiser.speak(normalise(text), Voice(voice, rate_wpm))

    turns = Recordings(speak, tmp_path).turns(fixture, tmp_path)
    replayed = replay_direct(fixture, turns, webshop, tmp_path)
    assert judge(fixture, replayed, webshop.spoken) == []
    assert way(replayed.entries) == way(stored)


def way(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """What was understood and answered, apart from personal values."""
    redactor = Redactor()
    return [step(redactor.redact(entry.message)) for entry in entries if is_step(entry.message)]


def is_step(message: Message) -> bool:
    return isinstance(message, IntentRecognised | BackendReplied)


def step(message: Message) -> tuple[Any, ...]:
    if isinstance(message, IntentRecognised):
        return (message.intent, set(message.slots))
    assert isinstance(message, BackendReplied)
    return (message.outcome, message.facts)


def test_nothing_personal_is_left(fixture: Fixture, tmp_path: Path) -> None:
    text = (tmp_path / "recorded.yaml").read_text()
    personal = ["12345", "5611", "99999", "0687654321", "een twee drie vier vijf", "vijf zes een een"]
    assert [value for value in personal if value in text] == []
    assert "<" not in text

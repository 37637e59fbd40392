"""Fixtures load, and mistakes in them are one sentence at their place."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recordings import FIXTURES

from voicebot.audio import write_audio
from voicebot.errors import FixtureError
from voicebot.replay import load_fixture

pytestmark = pytest.mark.unit

GOOD = """\
call: Proef
bot: webshop
turns:
  - caller: {wav: een.flac, after: 400ms}
    expect: {intent: order_status, says: "vandaag"}
  - caller: {text: "nee dank je", at: +1.2s}
    expect: {event: CallEnded, outcome: contained}
  - caller: {wav: [een.flac, "recordings:woorden/twee.flac"], gap: 300ms}
after:
  counts: {Transfer: 0}
  says: {uw bestelnummer: at most 2}
  ends_within: 30s
  backend: {unchanged: true, orders: {"12345": {status: onderweg}}}
  record: {redacted: true}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a recording; those of real people are not there."""
    monkeypatch.setenv("VOICEBOT_RECORDINGS", str(tmp_path / "mensen"))
    write_audio(tmp_path / "een.flac", np.arange(800, dtype=np.int16))
    return tmp_path


def write(folder: Path, text: str) -> Path:
    file = folder / "proef.yaml"
    file.write_text(text)
    return file


def test_reads_what_is_written(folder: Path) -> None:
    fixture = load_fixture(write(folder, GOOD))
    first, second, third = (turn.caller for turn in fixture.turns)
    assert first and second and third
    assert (first.wav, first.after, fixture.turns[0].expect.says) == (("een.flac",), 0.4, ("vandaag",))
    assert (second.text, second.at) == ("nee dank je", 1.2)
    assert (third.wav, third.gap) == (("een.flac", "recordings:woorden/twee.flac"), 0.3)
    after = fixture.after
    assert {name: str(times) for name, times in after.counts.items()} == {"Transfer": "exactly 0"}
    assert {text: str(times) for text, times in after.says.items()} == {"uw bestelnummer": "at most 2"}
    assert (after.ends_within, after.record.redacted, after.backend.unchanged) == (30, True, True)
    assert after.backend.orders["12345"].status == "onderweg"


@pytest.mark.parametrize("file", sorted(FIXTURES.parent.rglob("*.yaml")), ids=lambda file: file.stem)
def test_the_shipped_ones_are_right(file: Path) -> None:
    assert load_fixture(file).call


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("een.flac", "twee.flac", 4, "no such recording: twee.flac"),
        ("after: 400ms", "afer: 400ms", 4, "unknown key 'afer'; did you mean 'after'?"),
        ("intent:", "intnt:", 5, "unknown key 'intnt'; did you mean 'intent'?"),
        ("400ms", "soon", 4, "turns.0.caller.after"),
        ("{wav: een.flac, after: 400ms}", "{wav: een.flac, text: hoi}", 4, "one thing per turn"),
        ("CallEnded", "CallEnd", 7, "no such event: CallEnd"),
        ("bot: webshop", "bott: webshop", 2, "unknown key 'bott'; did you mean 'bot'?"),
        ("call: Proef\n", "call: Proef\nclock: 2026-11-20T10:15:00\n", 2, "write the time zone too"),
        ("call: Proef\n", "call: Proef\nline: {codec: mp3}\n", 2, "line.codec"),
        ("call: Proef\n", "call: [\n", 3, "not valid YAML"),
        ("call: Proef\n", "call: Proef\nline: {noise: weg.flac}\n", 2, "no such recording: weg.flac"),
        ("[een.flac, ", "[drie.flac, ", 8, "no such recording: drie.flac"),
        ("[een.flac, ", "[" + 300 * "x" + ", ", 8, "no such recording: xxx"),
        ('[een.flac, "recordings:woorden/twee.flac"]', "[]", 8, "turns.2.caller.wav"),
        ("Transfer: 0", "Transfr: 0", 10, "no such event: Transfr"),
        ("Transfer: 0", "Transfer: twice", 10, "write how often: 2 for exactly twice, or 'at most 2'"),
        ("at most 2", "at least 2", 11, "write how often"),
        ("ends_within: 30s", "ends_within: soon", 12, "after.ends_within"),
        ("unchanged", "unchangd", 13, "unknown key 'unchangd'; did you mean 'unchanged'?"),
        ("orders:", "ordrs:", 13, "unknown key 'ordrs'; did you mean 'orders'?"),
        ("status:", "statuz:", 13, "unknown key 'statuz'; did you mean 'status'?"),
        ("status: onderweg", "status: zoek", 13, "after.backend.orders.12345.status"),
        ("record:", "recrd:", 14, "unknown key 'recrd'; did you mean 'record'?"),
        ("redacted", "redact", 14, "unknown key 'redact'; did you mean 'redacted'?"),
        (
            "call: Proef\n",
            'call: Proef\nbackend: {orders: [{number: "12345", postcode: 5611BJ, statuz: zoek}]}\n',
            2,
            "unknown key 'statuz'; did you mean 'status'?",
        ),
        (
            "call: Proef\n",
            'call: Proef\nbackend: {orders: [{number: "12345", status: onderweg}]}\n',
            2,
            "key 'postcode' is missing in backend.orders.0",
        ),
    ],
)
def test_a_mistake_is_one_sentence_at_its_place(
    folder: Path, old: str, new: str, line: int | None, message: str
) -> None:
    assert old in GOOD
    with pytest.raises(FixtureError, match=r"^[^\n]*$") as caught:
        load_fixture(write(folder, GOOD.replace(old, new)))
    assert message in caught.value.message
    assert caught.value.line == line


def test_of_real_people_all_recordings_may_be_missing_but_not_one(folder: Path) -> None:
    file = write(folder, GOOD)
    assert load_fixture(file).needs_real_recordings
    (folder / "mensen" / "woorden").mkdir(parents=True)
    place = folder / "mensen"
    with pytest.raises(FixtureError) as caught:
        load_fixture(file)
    assert str(caught.value) == f"{file}:8: no such recording: recordings:woorden/twee.flac in {place}"
    write_audio(folder / "mensen" / "woorden" / "twee.flac", np.arange(800, dtype=np.int16))
    assert load_fixture(file).needs_real_recordings
    own = write(folder, GOOD.replace("recordings:woorden/twee", "een"))
    assert not load_fixture(own).needs_real_recordings


def test_a_fixture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"nergens\.yaml: cannot be read: No such file"):
        load_fixture(tmp_path / "nergens.yaml")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(str.encode),
        st.tuples(st.integers(0, len(GOOD)), st.text(max_size=8), st.integers(0, 20)).map(
            lambda cut: (GOOD[: cut[0]] + cut[1] + GOOD[cut[0] + cut[2] :]).encode()
        ),
    )
)
def test_any_file_loads_or_gives_one_clear_error(folder: Path, source: bytes) -> None:
    file = folder / "proef.yaml"
    file.write_bytes(source)
    try:
        load_fixture(file)
    except FixtureError as error:
        assert str(error).startswith(str(file))
        assert "\n" not in str(error)

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
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_audio(tmp_path / "een.flac", np.arange(800, dtype=np.int16))
    return tmp_path


def write(folder: Path, text: str) -> Path:
    file = folder / "proef.yaml"
    file.write_text(text)
    return file


def test_reads_what_is_written(folder: Path) -> None:
    first, second = load_fixture(write(folder, GOOD)).turns
    assert first.caller is not None
    assert second.caller is not None
    assert (first.caller.wav, first.caller.after, first.expect.says) == ("een.flac", 0.4, ("vandaag",))
    assert (second.caller.text, second.caller.at) == ("nee dank je", 1.2)


@pytest.mark.parametrize("file", sorted(FIXTURES.rglob("*.yaml")), ids=lambda file: file.stem)
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


def test_a_fixture_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FixtureError, match=r"nergens\.yaml: cannot be read: No such file"):
        load_fixture(tmp_path / "nergens.yaml")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
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

"""Recordings of real people: where they are looked for, and how several are played as one."""

from pathlib import Path

import numpy as np
import pytest
from replayed_call import fixture

from voicebot.audio import write_audio
from voicebot.errors import FixtureError
from voicebot.replay import Recordings, at_hand, fixtures_in
from voicebot.replay.line import background
from voicebot.replay.sounds import left_out, recordings_folder, sound_file

pytestmark = pytest.mark.unit

TONE = (6000 * np.sin(np.arange(1600) / 3)).astype(np.int16)
REAL = "call: Echt\nbot: webshop\nturns: [{caller: {wav: 'recordings:a.flac'}}]\n"
OWN = "call: Eigen\nbot: webshop\nturns: [{caller: {hangs_up: true}}]\n"


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of real recordings, which is not there."""
    folder = tmp_path / "people"
    monkeypatch.setenv("VOICEBOT_RECORDINGS", str(folder))
    return folder


def silence(ms: int) -> np.ndarray:
    return np.zeros(8 * ms, np.int16)


def said(folder: Path, caller: dict[str, object]) -> np.ndarray:
    recordings = Recordings(lambda text, voice, rate_wpm: TONE, folder / "work")
    (turn,) = recordings.turns(fixture({"caller": caller}), folder)
    return turn.samples


def test_the_folder_is_named_or_beside_the_checkout() -> None:
    assert recordings_folder({"VOICEBOT_RECORDINGS": "/a/b"}) == Path("/a/b")
    checkout = Path(__file__).parents[2]
    assert recordings_folder({}) == checkout.resolve().parent / "shared" / "speech"


def test_a_recording_lies_beside_the_fixture_or_in_that_folder(people: Path, tmp_path: Path) -> None:
    assert sound_file("../a.flac", tmp_path) == tmp_path / "../a.flac"
    assert sound_file("recordings:words/a.flac", tmp_path) == people / "words" / "a.flac"


def test_several_are_one_turn_without_the_silence_around_each(people: Path, tmp_path: Path) -> None:
    people.mkdir()
    write_audio(tmp_path / "a.flac", np.concatenate([silence(400), TONE, silence(260)]))
    write_audio(people / "b.flac", np.concatenate([silence(80), TONE // 2, silence(1000)]))
    alone = said(tmp_path, {"wav": "a.flac"})
    assert len(alone) == 8 * 860
    both = said(tmp_path, {"wav": ["a.flac", "recordings:b.flac"], "gap": "300ms"})
    assert np.array_equal(both, np.concatenate([TONE, silence(300), TONE // 2]))


def test_a_recording_without_sound_is_played_as_it_is(tmp_path: Path) -> None:
    write_audio(tmp_path / "a.flac", TONE)
    write_audio(tmp_path / "stil.flac", silence(100))
    write_audio(tmp_path / "leeg.wav", silence(0))
    assert len(said(tmp_path, {"wav": ["a.flac", "stil.flac", "leeg.wav"], "gap": "100ms"})) == 8 * 500


def test_noise_can_be_a_real_one(people: Path, tmp_path: Path) -> None:
    people.mkdir()
    write_audio(people / "straat.flac", TONE)
    spec = fixture({"caller": {"hangs_up": True}}, line={"noise": "recordings:straat.flac", "snr_db": 10})
    noise = background(spec.line, [], tmp_path)
    assert 20 * np.log10(np.sqrt(np.mean(noise**2)) / 32768) == pytest.approx(-30, abs=0.1)


def test_fixtures_whose_recordings_are_not_here_are_left_out(people: Path, tmp_path: Path) -> None:
    real, own = tmp_path / "fixtures" / "echt.yaml", tmp_path / "fixtures" / "eigen.yaml"
    own.parent.mkdir()
    real.write_text(REAL)
    own.write_text(OWN)
    files = fixtures_in([own.parent])
    assert files == [real, own]
    assert at_hand(files) == [own]
    with pytest.raises(FixtureError, match=r"^1 fixture is left out: .* VOICEBOT_RECORDINGS$"):
        at_hand([real])
    people.mkdir()
    assert at_hand(files) == files


def test_how_many_are_left_out_is_one_sentence(people: Path) -> None:
    assert left_out(12) == (
        f"12 fixtures are left out: the real recordings they need are not in {people}; "
        "name their folder in VOICEBOT_RECORDINGS"
    )

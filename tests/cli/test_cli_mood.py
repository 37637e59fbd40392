import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicebot.audio import RATE, Samples, write_audio
from voicebot.cli.mood import mood
from voicebot.errors import UsageError

pytestmark = pytest.mark.audio


def voice(hertz: float, tilt: float, rate: int = RATE) -> Samples:
    times = np.arange(2 * rate) / rate
    harmonics = range(1, int(3600 / hertz))
    sound = sum(k ** (tilt / 6) * np.sin(2 * np.pi * k * hertz * times + 1.7 * k**2) for k in harmonics)
    swelling = np.asarray(sound) * (0.05 + np.sin(4 * np.pi * times) ** 2)
    return (12000 * swelling / np.abs(swelling).max()).astype(np.int16)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    calm, raised, silence = tmp_path / "calm.wav", tmp_path / "raised.flac", tmp_path / "silence.wav"
    write_audio(calm, voice(120, -9))
    write_audio(raised, voice(200, -4, 16000), 16000)
    write_audio(silence, np.zeros(RATE, np.int16))
    return [calm, raised, silence]


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_files_are_scored_in_order_beside_the_baseline(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    calm, raised, silence = files
    mood([raised, calm, silence, raised], baseline=[calm, calm])
    lines = told(capsys)
    assert [line["file"] for line in lines] == [str(file) for file in (raised, calm, silence, raised)]
    assert [line["frustrated"] for line in lines] == [True, False, False, True]
    assert lines[0] == lines[3]
    assert set(lines[0]) == {"file", "score", "frustrated", "reasons"}
    assert lines[0]["reasons"][:2] == ["de stem klinkt scherper dan eerst", "spreekt hoger dan eerst"]  # type: ignore[index]
    assert (lines[2]["score"], lines[2]["reasons"]) == (None, ["te weinig spraak"])


def test_without_a_baseline_reasons_do_not_compare(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    mood(files[1:2])
    assert not any("dan eerst" in reason for reason in told(capsys)[0]["reasons"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
def test_any_rate_scores_the_same(rate: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix, stereo in (("wav", False), ("flac", True)):
        sound = voice(150, -6, rate)
        file = tmp_path / f"{rate}.{suffix}"
        soundfile.write(file, np.stack([sound, sound], axis=1) if stereo else sound, rate)
        mood([file])
        score = told(capsys)[0]["score"]
        assert isinstance(score, float)
        write_audio(tmp_path / "reference.wav", voice(150, -6))
        mood([tmp_path / "reference.wav"])
        assert score == pytest.approx(told(capsys)[0]["score"], abs=0.05)


def test_a_baseline_without_voice_is_left_out_and_told(
    files: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    mood(files[:1], baseline=[files[2]])
    captured = capsys.readouterr()
    assert captured.err == f"voicebot: {files[2]}: too little voice for a baseline, left out\n"
    mood(files[:1])
    assert capsys.readouterr().out == captured.out


def test_what_is_no_sound_is_wrong_use(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("geen geluid")
    for bad in (tmp_path / "text.wav", tmp_path / "absent.wav"):
        with pytest.raises(UsageError, match=bad.name):
            mood([bad])
        with pytest.raises(UsageError, match=bad.name):
            mood(files[:1], baseline=[bad])


def test_wrong_use_is_one_line_and_exit_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "voicebot", "mood", str(tmp_path / "absent.wav")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "absent.wav: no such file" in done.stderr

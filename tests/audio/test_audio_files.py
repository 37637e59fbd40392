from pathlib import Path

import numpy as np
import pytest

from voicebot.audio import read_audio, rms_dbfs, write_audio
from voicebot.errors import UsageError

pytestmark = pytest.mark.unit


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    times = np.arange(round(rate * seconds)) / rate
    return (8000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".WAV"])
def test_what_is_written_is_read_back_exactly(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"sound{suffix}"
    write_audio(file, tone(8000))
    assert np.array_equal(read_audio(file), tone(8000))


@pytest.mark.parametrize("rate", [16000, 22050, 44100])
def test_other_rates_are_resampled(tmp_path: Path, rate: int) -> None:
    write_audio(tmp_path / "sound.wav", tone(rate), rate)
    samples = read_audio(tmp_path / "sound.wav")
    assert abs(samples.size - 8000) <= 1
    difference = samples[400:7600] - tone(8000)[400:7600].astype(float)
    assert np.sqrt(np.mean(difference**2)) < 20


def test_channels_are_averaged(tmp_path: Path) -> None:
    stereo = np.stack((tone(8000), np.zeros(8000, np.int16)), axis=1)
    write_audio(tmp_path / "sound.wav", stereo)
    assert rms_dbfs(read_audio(tmp_path / "sound.wav")) == pytest.approx(
        rms_dbfs(tone(8000)) - 6.02, abs=0.05
    )


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not sound")
    with pytest.raises(UsageError, match=r"absent\.wav: no such file"):
        read_audio(tmp_path / "absent.wav")
    with pytest.raises(UsageError, match=r"text\.wav: it is not a WAV or FLAC"):
        read_audio(tmp_path / "text.wav")


def test_unwritable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"must end in \.wav or \.flac"):
        write_audio(tmp_path / "sound.mp3", tone(8000))
    with pytest.raises(UsageError, match="folder exists"):
        write_audio(tmp_path / "absent" / "sound.wav", tone(8000))

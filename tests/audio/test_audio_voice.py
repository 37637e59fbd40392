import numpy as np
import pytest

from voicebot.audio import VoiceActivity

pytestmark = pytest.mark.unit


def vowel(amplitude: float, frames: int) -> np.ndarray:
    """A buzz at 120 Hz with the falling harmonics of a voice."""
    times = np.arange(160 * frames) / 8000
    buzz = sum(np.sin(2 * np.pi * 120 * n * times) / n for n in range(1, 25))
    return (amplitude * buzz).astype(np.int16)


def voiced(sound: np.ndarray, floor_dbfs: float = -50.0) -> list[bool]:
    activity = VoiceActivity(floor_dbfs=floor_dbfs)
    return [activity.is_voice(frame) for frame in sound.reshape(-1, 160)]


def test_a_voice_is_heard_and_silence_is_not() -> None:
    assert all(voiced(vowel(4000, 20))[2:])
    assert not any(voiced(np.zeros(3200, np.int16)))


def test_what_is_under_the_floor_is_not_heard() -> None:
    whisper = vowel(60, 20)
    assert any(voiced(whisper, floor_dbfs=-70.0))
    assert not any(voiced(whisper))

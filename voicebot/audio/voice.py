"""Voice activity: whether a frame holds a voice."""

from __future__ import annotations

import webrtcvad

from voicebot.audio.frames import RATE, Samples
from voicebot.audio.levels import rms_dbfs


class VoiceActivity:
    """WebRTC's voice detector, deaf to what is too soft to be a caller.

    One per call: the detector learns the line's noise. Who starts and who
    stops to speak is decided on several frames, in `voicebot.hearing`.
    """

    def __init__(self, aggressiveness: int = 2, floor_dbfs: float = -50.0) -> None:
        """Take the detector's aggressiveness (0..3, the last refuses most) and the softest voice to hear."""
        self._detector = webrtcvad.Vad(aggressiveness)
        self._floor_dbfs = floor_dbfs

    def is_voice(self, frame: Samples) -> bool:
        """Say whether `frame` (int16 mono 8 kHz, shape (160,)) holds a voice."""
        voice: bool = self._detector.is_speech(frame.tobytes(), RATE)
        return voice and rms_dbfs(frame) >= self._floor_dbfs

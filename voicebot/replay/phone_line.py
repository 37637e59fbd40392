"""A caller's line that is a SIP telephone."""

from __future__ import annotations

import asyncio
from array import array
from typing import Final

import numpy as np

from voicebot.audio import FRAME_MS, FRAME_SAMPLES
from voicebot.replay.caller_end import Doing
from voicebot.replay.real_time import Heard
from voicebot.telephony import PhoneCall

_LEAD: Final = 2
"""Frames that wait at the telephone, so that its clock never finds none: 40 ms."""
_NO_SOUND: Final = -1


class PhoneLine:
    """A `CallerLine` over an answered call."""

    lead_ms = _LEAD * FRAME_MS
    lost = False  # its line is the network's: a call without sound is still up

    def __init__(self, call: PhoneCall) -> None:
        self.heard = Heard()
        self._call = call
        self._frames = array("l")
        call.stream.on_frame = lambda samples, at: self.heard.push(samples.tobytes())
        call.say(np.zeros(_LEAD * FRAME_SAMPLES, np.int16))

    @property
    def gone(self) -> asyncio.Event:
        """Set when the call has ended."""
        return self._call.ended

    @property
    def packets(self) -> tuple[int, int]:
        """Return how many RTP packets were heard, and lost, so far."""
        statistics = self._call.statistics()
        return statistics.packets, statistics.lost

    def send(self, doing: Doing) -> bool:
        """Do the next 20 ms; return whether there is sound in it."""
        frame = _NO_SOUND
        if doing.key:
            self._call.press(doing.key)
        elif doing.frame:
            frame = self._call.say(np.frombuffer(doing.frame, "<i2")) // FRAME_SAMPLES
        elif not doing.pressing:
            frame = self._call.stream.lose() // FRAME_SAMPLES
        self._frames.append(frame)
        return frame != _NO_SOUND

    def left_at(self, number: int) -> float | None:
        """Return when the packet with the sound of the nth `send` left; None when it has not."""
        frame = self._frames[number] if number < len(self._frames) else _NO_SOUND
        sent_at = self._call.stream.sent_at
        return sent_at[frame] if 0 <= frame < len(sent_at) else None

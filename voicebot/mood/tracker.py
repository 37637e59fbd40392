"""Whether a caller is frustrated, over the turns of a call: not at one loud word, but at two angry turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from voicebot.mood.baseline import Baseline
from voicebot.mood.prosody import Prosody
from voicebot.mood.score import TRUST_S, Mood, Scorer

SMOOTHING: Final = 0.5
"""How far the level moves to the score of each turn: after two turns it is mostly theirs."""
IN_A_ROW: Final = 2
"""Frustrated turns in a row before an alarm."""
ALARM_AT: Final = 0.5
CALM_AT: Final = 0.3
"""Levels from which on there is an alarm, and under which it ends; between them it stays as it is."""


@dataclass(frozen=True, slots=True)
class Track:
    """Where a call stands, as far as the voice tells."""

    level: float = 0.0
    """From 0 (calm) to 1 (frustrated)."""
    in_a_row: int = 0
    """Frustrated turns in a row, up to now."""
    alarm: bool = False


def follow(track: Track, mood: Mood) -> Track:
    """Return where the call stands after one turn more; a turn with too little voice changes nothing."""
    if mood.score is None:
        return track
    level = track.level + SMOOTHING * (mood.score - track.level)
    in_a_row = track.in_a_row + 1 if mood.frustrated else 0
    begins = in_a_row >= IN_A_ROW and level >= ALARM_AT
    return Track(level, in_a_row, alarm=begins or (track.alarm and level >= CALM_AT))


@dataclass(frozen=True, slots=True)
class Caller:
    """What is known of a caller's voice in a call: how calm sounds, and where the call stands."""

    baseline: Baseline = field(default_factory=Baseline)
    track: Track = field(default_factory=Track)


def hear(caller: Caller, prosody: Prosody | None, scorer: Scorer) -> tuple[Caller, Mood]:
    """Return the caller after one turn more, and how that turn sounds.

    A turn counts for the baseline unless it sounds frustrated beside it; while there is hardly any, all do,
    or who has a high voice would never get one.
    """
    mood = scorer.score(prosody, caller.baseline)
    track = follow(caller.track, mood)
    if prosody is None or (mood.frustrated and caller.baseline.voiced_s > TRUST_S):
        return Caller(caller.baseline, track), mood
    return Caller(caller.baseline.heard(prosody), track), mood

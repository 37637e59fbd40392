"""The calls of mood.py: turns of one speaker put together, as who stays calm, grows angry, or is merry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mood_figures import Figure, share
from training.mood_speech import LINES, Clips, as_row

from voicebot.audio import Samples
from voicebot.mood import FEATURES, Caller, Prosody, Scorer, hear

CALM_START = 3
"""Calm turns before anything happens."""
CALM_CALL = 8
"""Turns of a call that stays calm, or merry."""
LATER = 5
"""Turns of another kind after a calm start."""
EACH = 120
"""Calls of each kind by each speaker: as many over each line."""

Turns = Sequence[Prosody | None]


def emodb_calls(clips: Clips, scorers: dict[str, Scorer], fast: dict[str, Turns]) -> dict[str, Figure]:
    """Return how often each kind of call ends in an alarm; each speaker by the scorer learnt from the others.

    A call is over one line. `fast`: by speaker, neutral clips spoken faster, over the first line.
    """
    random = np.random.default_rng(2)
    alarms: dict[str, dict[str, list[bool]]] = {}
    for speaker, scorer in scorers.items():
        for number in range(EACH):
            line = number % LINES
            neutral, angry, happy, bored = (
                _turns(clips, speaker, label, line) for label in ("neutral", "angry", "happy", "boredom")
            )
            start = _draw(random, neutral, CALM_START)
            escalating = alarms_in([*start, *_draw(random, angry, 3)], scorer)
            outcomes = {
                "calm start, then angry: alarm within 2 angry turns": escalating[CALM_START + 1],
                "calm start, then angry: alarm within 3 angry turns": escalating[CALM_START + 2],
                "the same: alarm at the first angry turn or before": any(escalating[: CALM_START + 1]),
                "8 neutral turns": any(alarms_in(_draw(random, neutral, CALM_CALL), scorer)),
                "8 neutral or bored turns": any(
                    alarms_in(_draw(random, [*neutral, *bored], CALM_CALL), scorer)
                ),
                "8 joyful turns": any(alarms_in(_draw(random, happy, CALM_CALL), scorer)),
                "calm start, then 5 joyful": any(alarms_in([*start, *_draw(random, happy, LATER)], scorer)),
            }
            if line == 0:
                hurried = _draw(random, fast[speaker], LATER)
                outcomes["calm start, then 5 neutral at 1.3 times the tempo"] = any(
                    alarms_in([*start, *hurried], scorer)
                )
            for kind, alarm in outcomes.items():
                alarms.setdefault(kind, {}).setdefault(speaker, []).append(alarm)
    return {
        kind: share({speaker: np.array(calls) for speaker, calls in by_speaker.items()})
        for kind, by_speaker in alarms.items()
    }


def reader_calls(sounds: dict[str, Sequence[Samples]], scorer: Scorer) -> dict[str, Figure]:
    """Return how often people who read calmly, in another language, are taken for frustrated."""
    alarms: dict[str, list[bool]] = {}
    turns: dict[str, list[bool]] = {}
    for reader, clips in sounds.items():
        measured = [_prosody(as_row(sound)) for sound in clips]
        for first in range(0, len(measured) - CALM_CALL + 1, CALM_CALL):
            caller, alarmed = Caller(), False
            for prosody in measured[first : first + CALM_CALL]:
                caller, mood = hear(caller, prosody, scorer)
                alarmed |= caller.track.alarm
                turns.setdefault(reader, []).append(mood.frustrated)
            alarms.setdefault(reader, []).append(alarmed)
    return {
        "calls of 8 read Dutch sentences": share({reader: np.array(was) for reader, was in alarms.items()}),
        "read Dutch sentences that sound frustrated": share(
            {reader: np.array(was) for reader, was in turns.items()}
        ),
    }


def alarms_in(turns: Turns, scorer: Scorer) -> list[bool]:
    """Return, after each turn of a call, whether there is an alarm."""
    caller = Caller()
    alarms: list[bool] = []
    for prosody in turns:
        caller, _ = hear(caller, prosody, scorer)
        alarms.append(caller.track.alarm)
    return alarms


def _turns(clips: Clips, speaker: str, label: str, line: int) -> Turns:
    chosen = (clips.speakers == speaker) & (clips.labels == label)
    return [_prosody(row) for row in clips.measured[chosen, line]]


def _prosody(row: np.ndarray) -> Prosody | None:
    assert row.size == 1 + len(FEATURES)
    return None if np.isnan(row[0]) else Prosody(*row)


def _draw(random: np.random.Generator, turns: Turns, count: int) -> list[Prosody | None]:
    """Return `count` of `turns`, each once before any comes again."""
    drawn: list[Prosody | None] = []
    while len(drawn) < count:
        drawn += [turns[at] for at in random.permutation(len(turns))]
    return drawn[:count]

"""How much patience the caller has left, from what happens and how it is said; and the human it brings.

Every sign adds to the level; each calm turn takes some away. No sign is enough by itself, but for a voice
that sounded frustrated for two turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from voicebot.events import MoodScored, WarningHeard


class Sign(StrEnum):
    """Something that costs patience; the first three are told in `WarningHeard.irritation`."""

    SWEARING = "swearing"
    COMPLAINT = "complaint"
    REPETITION = "repetition"
    NO_MATCH = "no_match"
    WRONG = "wrong"
    """The bot took something for something else."""
    DENIED = "denied"
    """What the caller wants could not be had."""
    INTERRUPTION = "interruption"
    LONG = "long"
    """Another five minutes have passed."""


WEIGHTS: Final[Mapping[Sign, float]] = {
    Sign.SWEARING: 0.4,
    Sign.COMPLAINT: 0.35,
    Sign.REPETITION: 0.3,
    Sign.NO_MATCH: 0.25,
    Sign.WRONG: 0.25,
    Sign.DENIED: 0.25,
    Sign.INTERRUPTION: 0.05,
    Sign.LONG: 0.2,
}
"""What each adds to the level: words of anger right after a failure of ours bring a human, a failure alone
not before its own limit does. Chosen with audio_fixtures/frustration, whose decisions were written first."""
EVIDENCE: Final[Mapping[Sign, str]] = {
    Sign.SWEARING: "schold",
    Sign.COMPLAINT: "klaagde over het gesprek",
    Sign.REPETITION: "moest zich herhalen",
    Sign.NO_MATCH: "werd niet begrepen",
    Sign.WRONG: "werd verkeerd begrepen",
    Sign.DENIED: "kreeg niet wat hij of zij vroeg",
    Sign.INTERRUPTION: "viel de bot in de rede",
    Sign.LONG: "is al lang aan de lijn",
}
ONE_SENTENCE: Final = 0.5
"""The most that the words of one utterance add."""
CALMING: Final = 0.7
"""What is left of the level after a turn that was understood and had no sign of irritation."""
VOICE: Final = 0.4
"""How much the level of the voice counts while it is no alarm, above what calm callers reach."""
CALM_VOICE: Final = 0.3
"""Level that calm callers reach now and then."""
VOICE_ALARM: Final = 0.6
"""And when it is: as much as the least that brings a human, in a bot that says nothing else."""
_SOUNDS_SO: Final = 0.5
"""The score of a turn from which on it is evidence."""
_MOST_EVIDENCE: Final = 6


@dataclass(frozen=True, slots=True)
class Temper:
    """What is known about the caller's patience."""

    happened: float = 0.0
    voice: float = 0.0
    evidence: tuple[str, ...] = ()
    """The signs so far, oldest first, each once, in Dutch."""

    @property
    def level(self) -> float:
        """From 0 (calm) to 1 (frustrated)."""
        return min(1.0, self.happened + self.voice)

    def after(self, *signs: Sign) -> Temper:
        """Return the temper after these signs."""
        happened = min(1.0, self.happened + sum(WEIGHTS[sign] for sign in signs))
        return replace(self, happened=happened)._with(*(EVIDENCE[sign] for sign in signs))

    def after_warning(self, warning: WarningHeard) -> Temper:
        """Return the temper after what was said, which by itself is no alarm however angry it is."""
        after = self.after(*map(Sign, warning.irritation))
        return replace(after, happened=min(after.happened, self.happened + ONE_SENTENCE))

    def calmer(self) -> Temper:
        """Return the temper after a turn without a sign."""
        return replace(self, happened=self.happened * CALMING)

    def sounding(self, mood: MoodScored) -> Temper:
        """Return the temper after a turn that sounded so."""
        above_calm = max(0.0, mood.level - CALM_VOICE) / (1 - CALM_VOICE)
        sounding = replace(self, voice=VOICE_ALARM if mood.alarm else VOICE * above_calm)
        if mood.score < _SOUNDS_SO:
            return sounding
        return sounding._with(
            f"klonk geïrriteerd ({', '.join(mood.reasons)})" if mood.reasons else "klonk geïrriteerd"
        )

    def unheard(self) -> Temper:
        """Return the temper of who wants their voice left alone: nothing of it is kept."""
        return replace(self, voice=0.0, evidence=tuple(one for one in self.evidence if "klonk" not in one))

    def _with(self, *evidence: str) -> Temper:
        told = dict.fromkeys((*self.evidence, *evidence))
        return replace(self, evidence=tuple(told)[-_MOST_EVIDENCE:])

"""How much may happen in a time: so much a second, and what was not used is saved."""

from __future__ import annotations


class Allowance:
    """`per_s` a second, at most `most` saved. Pure: `now` is any clock's seconds."""

    def __init__(self, per_s: float, most: float, now: float) -> None:
        """Begin at `now`, with all that can be saved."""
        self._per_s = per_s
        self._most = self._saved = most
        self._at = now

    def left(self, now: float) -> float:
        """Return what may be taken now."""
        self._saved = min(self._most, self._saved + self._per_s * (now - self._at))
        self._at = now
        return self._saved

    def take(self, amount: float, now: float) -> bool:
        """Take `amount` and say whether it was there; if not, nothing is taken."""
        if self.left(now) < amount:
            return False
        self._saved -= amount
        return True

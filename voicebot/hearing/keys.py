"""Keys: which stand by themselves, and which together are a number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voicebot.expectation import Expectation

INTER_DIGIT_S = 3.0
"""A number ends when no key follows for this long (ETSI DTR/TE-01100 gives 3-5 s for public telephones)."""
LONGEST = 30
"""More digits than any number we ask for: the rest is dropped."""
PHONE_DIGITS = 10
"""Of a Dutch telephone number, with the 0 it begins with."""


class KeyCollector:
    """Turns single keys into keys with a meaning of their own, and whole numbers.

    `on_key` gets ``0``, ``*``, ``#`` or ``digit``; `on_number` gets the digits of a number that is complete:
    after ``#``, after as many digits as it has, or after a pause. A 0 before other digits stands by itself,
    but where a telephone number is asked for only if nothing follows it.
    """

    def __init__(self, on_key: Callable[[str], None], on_number: Callable[[str], None]) -> None:
        self._on_key = on_key
        self._on_number = on_number
        self._digits = ""
        self._length = LONGEST
        self._begins_with_zero = False
        self._just_complete = False
        self._pause: asyncio.TimerHandle | None = None

    @property
    def pending(self) -> bool:
        """Whether a number was begun."""
        return bool(self._digits)

    def expect(self, expectation: Expectation) -> None:
        """From now on the bot waits for this; a yes or a no is one key."""
        answer = expectation.confirming or expectation.slot_type == "yes_no"
        self._begins_with_zero = expectation.slot_type == "phone" and not answer
        whole = PHONE_DIGITS if self._begins_with_zero else expectation.length or LONGEST
        self._length = 1 if answer else whole

    def press(self, key: str) -> None:
        """Take one key: ``0``-``9``, ``*``, ``#``; others are ignored."""
        closes_number, self._just_complete = self._just_complete and key == "#", False
        if key.isdigit() and (self._digits or key != "0" or self._begins_with_zero):
            self._digits += key
            self._on_key("digit")
            self._wait()
            if len(self._digits) >= self._length:
                self._complete()
                self._just_complete = True  # a hash out of habit may follow
        elif key == "#" and self._digits:
            self._complete()
        elif key in "0*#" and not closes_number:
            self._on_key(key)

    def close(self) -> None:
        """Forget everything."""
        if self._pause:
            self._pause.cancel()
        self._digits = ""

    def _wait(self) -> None:
        if self._pause:
            self._pause.cancel()
        self._pause = asyncio.get_running_loop().call_later(INTER_DIGIT_S, self._complete)

    def _complete(self) -> None:
        digits = self._digits
        self.close()
        if digits == "0":
            self._on_key(digits)
        elif digits:
            self._on_number(digits)

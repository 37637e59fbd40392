"""Takes what could identify a person out of a call's messages, before anything is stored.

Values that are known to be personal (`Personal`) are replaced wherever they stand. What a caller says freely
is searched for numbers, e-mail addresses and names (`voicebot.records.spoken`). Within a call the same value
always gets the same token, so that the stored log is decided the same way as the call was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from voicebot.events import Listen, Message, UtteranceEnded
from voicebot.records.spoken import Hide, hide_emails, hide_names, hide_numbers, hide_streets
from voicebot.values import Personal, TimedWord

_TOKEN = re.compile(r"<\w+:\d+>")


class Redactor:
    """Redacts the messages of one call; the same value gets the same token throughout."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._number_asked = False

    def redact(self, message: Message) -> Message:
        """Return `message` without personal values: ``Personal("postcode", "<postcode:1>")``, and so on."""
        changed: dict[str, Any] = {
            field.name: self._redact_value(getattr(message, field.name)) for field in fields(message)
        }
        if isinstance(message, Listen):
            self._number_asked = message.expectation.slot_type in ("digits", "postcode", "phone")
        if isinstance(message, UtteranceEnded):
            text = redact_text(message.text, self._token, number_asked=self._number_asked)
            hidden = {token: value for (_, value), token in self._tokens.items()}
            changed |= {"text": text, "words": _redact_words(message.words, text, hidden)}
        return replace(message, **changed)

    def _redact_value(self, value: object) -> object:
        if isinstance(value, Personal):
            return Personal(value.kind, self._token(value.kind, value.value))
        if isinstance(value, Mapping):
            return {name: self._redact_value(inner) for name, inner in value.items()}
        return value

    def _token(self, kind: str, value: str) -> str:
        key = (kind, _same(value))
        if key not in self._tokens:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._tokens[key] = f"<{kind}:{self._counts[kind]}>"
        return self._tokens[key]


def redact_text(text: str, hide: Hide, *, number_asked: bool = False) -> str:
    """Return Dutch, spoken or written, with ``<email:1>``, ``<address:1>``, ``<name:1>``, ...

    When in doubt it redacts. `hide` gives the token for a kind and a value; with `number_asked` the caller
    was just asked for a number, and a part of one is hidden as well.
    """
    text = hide_names(hide_streets(hide_emails(text, hide), hide), hide)
    return hide_numbers(text, hide, asked=number_asked)


def _redact_words(
    words: Sequence[TimedWord], redacted: str, hidden: Mapping[str, str]
) -> tuple[TimedWord, ...]:
    """Return the words of `redacted`; a token has the times of all that it stands for (`hidden`: its value).

    None at all when `words` are not exactly what was redacted: no word may tell what the text hides.
    """
    told: list[TimedWord] = []
    left = list(words)
    for text in redacted.split():
        said = _TOKEN.sub(lambda token: hidden.get(token[0], token[0]), text).split()
        taken, left = left[: len(said)], left[len(said) :]
        if not taken or _same(" ".join(word.text for word in taken)) != _same(" ".join(said)):
            return ()
        told.append(TimedWord(text, taken[0].start_ms, taken[-1].end_ms))
    whole = not left and " ".join(word.text for word in told) == redacted
    return tuple(told) if whole else ()


def _same(value: str) -> str:
    """Return `value` without differences in case and spaces."""
    return " ".join(value.casefold().split())

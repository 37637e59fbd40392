"""Text from outside, made fit for Asterisk: no order to the dialplan, to SIP or to the Manager is in it."""

from __future__ import annotations

MAX_VALUE = 200
"""Characters of a channel variable."""

_DANGEROUS = frozenset('${}[]"\\|;,`^<>')
"""What the dialplan evaluates or splits at, and what ends a name in a SIP header."""


def clean_value(text: str) -> str:
    """Return at most 200 characters of `text`, with single blanks for what is dangerous or not printable.

    Line breaks, zero bytes, marks that turn the direction of writing and lone surrogates are not printable.
    """
    harmless = (" " if c in _DANGEROUS or not c.isprintable() else c for c in text[:MAX_VALUE])
    return " ".join("".join(harmless).split())

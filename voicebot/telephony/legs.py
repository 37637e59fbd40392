"""The second time that Asterisk brings a caller: to leave a number to call back.

AudioSocket carries nothing but the call's id, and the Manager may be down, so the id itself tells: it is that
of the call (``${UUID()}``, version 4) made version 8, which RFC 9562 leaves to applications. All else stays,
so the call that it belongs to can be told as well.
"""

from __future__ import annotations

_VERSION_AT = 14
"""Index of the version in the text of a UUID."""
_CALL, _CALLBACK = "4", "8"

CALLBACK_LEG = f"${{VB_CALL:0:{_VERSION_AT}}}{_CALLBACK}${{VB_CALL:{_VERSION_AT + 1}}}"
"""The same, as the dialplan makes it of VB_CALL."""


def callback_leg(call_id: str) -> str:
    """Return the id under which the caller of `call_id` comes to leave a number."""
    return _with_version(call_id, _CALLBACK)


def is_callback_leg(call_id: str) -> bool:
    """Return whether a caller comes to leave a number."""
    return call_id[_VERSION_AT : _VERSION_AT + 1] == _CALLBACK


def first_leg(call_id: str) -> str:
    """Return the id of the call itself, whichever leg this is."""
    return _with_version(call_id, _CALL) if is_callback_leg(call_id) else call_id


def _with_version(call_id: str, version: str) -> str:
    return call_id[:_VERSION_AT] + version + call_id[_VERSION_AT + 1 :]

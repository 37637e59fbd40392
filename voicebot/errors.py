"""Every error voicebot raises on purpose.

VoicebotError
├── UsageError             the command line or a file given on it is wrong (exit 2)
│   ├── PlaceError         a mistake at a place in a file; carries file and line
│   │   ├── BotError       a bot's YAML is wrong
│   │   └── FixtureError   a fixture's YAML is wrong
│   └── ConfigError        the configuration is wrong
├── TelephonyError         the line to Asterisk
│   ├── ProtocolError      the peer broke the AudioSocket or SIP protocol
│   ├── LineClosedError    the line was already closed
│   └── ManagerError       the Asterisk Manager Interface refused, or did not answer
├── HearingError           recognition
│   └── ModelError         a speech model is missing, incomplete or changed
├── SpeakingError          synthesis
│   └── VoiceError         the voice asked for does not exist (wrong use, too)
├── BackendError           a company system failed or gave nonsense
├── RecordsError           the event store failed
├── StalledError           nothing happened in a call for too long
├── DownloadError          what was to be fetched cannot be had, or is not what is listed
└── SetupError             something this machine lacks; the message says how to mend it

A message says what happened, where, and what to do next, for the operator or
tester who reads it. The caller never hears it: the caller hears a sentence
and gets a human.
"""

from __future__ import annotations

from pathlib import Path


class VoicebotError(Exception):
    """Anything voicebot raises on purpose."""


class UsageError(VoicebotError):
    """The command line, or a file given on it, is wrong."""


class PlaceError(UsageError):
    """A mistake at a place in a file."""

    def __init__(
        self, message: str, file: Path | str | None = None, line: int | None = None, *, quote: str = ""
    ) -> None:
        """`quote` is text from the file, for whoever knows the file but not yet the line."""
        self.message, self.file, self.line, self.quote = message, file, line, quote
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        super().__init__(f"{place}{message}")


class BotError(PlaceError):
    """A bot's YAML is wrong; carries file and line."""


class FixtureError(PlaceError):
    """A fixture's YAML is wrong; carries file and line."""


class ConfigError(UsageError):
    """The configuration is wrong."""


class TelephonyError(VoicebotError):
    """The line to Asterisk failed."""


class ProtocolError(TelephonyError):
    """The peer broke the AudioSocket or SIP protocol; `cause` says how in one word, to count by."""

    def __init__(self, message: str, cause: str = "protocol") -> None:
        super().__init__(message)
        self.cause = cause


class LineClosedError(TelephonyError):
    """The line was already closed."""


class ManagerError(TelephonyError):
    """The Asterisk Manager Interface refused, or did not answer in time."""


class HearingError(VoicebotError):
    """Recognition failed."""


class ModelError(HearingError):
    """A speech model is missing, incomplete or changed."""


class SpeakingError(VoicebotError):
    """Synthesis failed."""


class VoiceError(SpeakingError, UsageError):
    """The voice asked for does not exist."""


class BackendError(VoicebotError):
    """A company system failed, or answered something that cannot be true."""


class RecordsError(VoicebotError):
    """The event store failed."""


class UnreadableError(RecordsError):
    """What is stored was encrypted with another key."""


class StalledError(VoicebotError):
    """Nothing happened in a call for too long, and no part of it said why."""


class DownloadError(VoicebotError):
    """What was to be fetched cannot be had, or is not what is listed."""


class SetupError(VoicebotError):
    """Something this machine lacks; the message says how to mend it."""

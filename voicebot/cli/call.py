"""`voicebot call`: a test call over SIP."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voicebot.errors import ProtocolError, UsageError

if TYPE_CHECKING:
    from voicebot.audio import Samples
    from voicebot.telephony import PhoneCall, SipPhone

_QUIET_S = 1.0
"""The other side is done after this much quiet; a bot that thinks longer is spoken over."""
_LOUD_DBFS = -45.0
"""What is louder is sound, not quiet; a telephone line's own noise is below -50."""
_FRAME_S = 0.02
_SOUND_FILES = (".wav", ".flac")
_KEYS = set("0123456789*#ABCD")


def call(
    to: Annotated[str, typer.Option(metavar="SIP", help="Whom to call: sip:100@127.0.0.1:5060.")],
    say: Annotated[
        list[str] | None, typer.Option(metavar="WAV|TEXT...", help="Sound files, or Dutch text, in turn.")
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(metavar="WAV|TEXT", hidden=True)] = None,
    keys: Annotated[str, typer.Option(help="Keys to press after all is said.")] = "",
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the recording goes: left said, right heard.")
    ] = Path("call.wav"),
    seconds: Annotated[float, typer.Option(min=1, max=1800, help="Hang up after this long.")] = 120,
    user: Annotated[str, typer.Option(help="Who calls.")] = "caller",
    password: Annotated[
        str | None, typer.Option(envvar="VOICEBOT_SIP_PASSWORD", help="Where the PBX asks for one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Place a SIP test call, say things when the other side is quiet, and record both sides.

    Each item is said once the other side has been quiet for 1 s; the call is
    hung up when it is quiet after the last.

    \b
    Example:
      voicebot call --to sip:100@127.0.0.1:5060 --say vraag.wav "medewerker" --json
    """
    from voicebot.audio import write_audio
    from voicebot.telephony import SipPhone, parse_uri

    try:
        address = parse_uri(to)
    except ProtocolError as error:
        raise UsageError(f"--to: {error}") from error
    if not address.user:
        raise UsageError(f"--to: {to!r} names nobody to call; write it as sip:100@127.0.0.1:5060")
    if not _KEYS.issuperset(keys):
        raise UsageError(f"--keys: {keys!r} has a key that no telephone has; use 0-9, *, # and A-D")
    if output.suffix.lower() not in _SOUND_FILES:
        raise UsageError(f"--output: {output} must end in .wav or .flac")
    if not output.absolute().parent.is_dir():
        raise UsageError(f"--output: there is no folder {output.parent}; make it first")
    sounds = _sounds([*(say or []), *(more or [])])
    phone = SipPhone(user, (address.host, address.port), password)
    ended = asyncio.run(_talk(phone, address.user, sounds, keys, seconds))
    write_audio(output, ended.stream.recording())
    summary = _summary(to, ended, output)
    _tell(f"{summary['seconds']} s, {summary['heard_seconds']} s of sound heard; recorded in {output}")
    if as_json:
        print(json.dumps(summary))


def _sounds(items: list[str]) -> list[tuple[str, Samples]]:
    """Return each item with its sound, int16 8 kHz: files are read, text is synthesised."""
    from voicebot.audio import read_audio
    from voicebot.speaking import Synthesiser, Voice, normalise

    sounds = {item: read_audio(Path(item)) for item in items if _is_file(item)}
    texts = [item for item in items if item not in sounds]
    if missing := [item for item in texts if item.lower().endswith(_SOUND_FILES)]:
        raise UsageError(f"--say: there is no file {missing[0]}")
    if texts:
        with Synthesiser(workers=1) as mouth:
            sounds |= {text: mouth.speak(normalise(text), Voice(name="nl+f2")) for text in texts}
    return [(item, sounds[item]) for item in items]


def _is_file(item: str) -> bool:
    try:
        return Path(item).is_file()
    except OSError:  # longer than a file name can be
        return False


async def _talk(
    phone: SipPhone, number: str, sounds: list[tuple[str, Samples]], keys: str, seconds: float
) -> PhoneCall:
    """Place the call and hold the conversation; return the ended call."""
    async with phone:
        call = await phone.call(number)
        _tell(f"{number} answered")
        try:
            async with asyncio.timeout(seconds):
                await _converse(call, sounds, keys)
        except TimeoutError:
            _tell(f"{seconds:g} s are over")
        await call.hang_up()
        _tell(f"ended: {call.end_reason}")
        return call


async def _converse(call: PhoneCall, sounds: list[tuple[str, Samples]], keys: str) -> None:
    quiet = _Quiet(call)
    await quiet.wait()
    for name, samples in sounds:
        _tell(f"saying {name}")
        call.say(samples)
        await call.said()
        await quiet.wait()
    if keys and not call.ended.is_set():
        _tell(f"pressing {keys}")
        call.press(keys)
        await call.said()
        await quiet.wait()


class _Quiet:
    """Tells when the other side of a call has been quiet for a while."""

    def __init__(self, call: PhoneCall) -> None:
        self._call = call
        self._loud_at = 0.0
        call.stream.on_frame = self._hear

    async def wait(self) -> None:
        """Wait for `_QUIET_S` of quiet from now on, or the end of the call."""
        loop = asyncio.get_running_loop()
        began_at = loop.time()
        while (rest := max(self._loud_at, began_at) + _QUIET_S - loop.time()) > 0:
            try:
                async with asyncio.timeout(rest):
                    await self._call.ended.wait()
                    return
            except TimeoutError:
                continue

    def _hear(self, samples: Samples, at: float) -> None:
        from voicebot.audio import rms_dbfs

        if rms_dbfs(samples) > _LOUD_DBFS:
            self._loud_at = at


def _summary(to: str, call: PhoneCall, output: Path) -> dict[str, Any]:
    from voicebot.audio import FRAME_SAMPLES, rms_dbfs

    assert call.answered_at is not None
    assert call.ended_at is not None
    heard = call.heard()
    loud = sum(
        rms_dbfs(heard[start : start + FRAME_SAMPLES]) > _LOUD_DBFS
        for start in range(0, len(heard), FRAME_SAMPLES)
    )
    statistics = call.statistics()
    return {
        "to": to,
        "seconds": round(call.ended_at - call.answered_at, 2),
        "heard_seconds": round(loud * _FRAME_S, 2),
        "packets": statistics.packets,
        "lost": statistics.lost,
        "file": str(output),
        "ended": call.end_reason,
    }


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)

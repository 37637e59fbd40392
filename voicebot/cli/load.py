"""`voicebot load`: many callers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from voicebot.errors import ProtocolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.replay import Dial, Script

Via = Literal["audiosocket", "asterisk"]
_FIXTURES = Path(__file__).parents[2] / "audio_fixtures" / "webshop"


def load(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH...]", help="Fixtures, or folders of them; default: the webshop's."),
    ] = None,
    calls: Annotated[int, typer.Option(min=1, max=1000, help="Callers at once.")] = 10,
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="Calls are begun for so long.")] = 60,
    via: Annotated[
        str | None,
        typer.Option(
            metavar="audiosocket|asterisk", help="A socket (default), or SIP calls through Asterisk."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes that answer calls; default: 1.")
    ] = None,
    bot: Annotated[str | None, typer.Option(help="Which bot; default: the one the fixtures are for.")] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT|SIP", help="Call a voicebot that runs already; its side is not known."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object with all figures.")] = False,
    work: Annotated[Path, typer.Option(help="Folder for voicebot's files and rendered voices.")] = Path(
        ".cache/load"
    ),
) -> None:
    """Call a voicebot with many recorded callers at once, in real time, and measure both sides.

    Starts a voicebot of its own, and stops it. Each caller has one fixture's call after another; fixtures'
    expectations, clocks and back-ends do not count here.

    \b
    Example:
      voicebot load --calls 10 --seconds 60
      voicebot load audio_fixtures/webshop --calls 20 --seconds 120 --workers 2 --json
      voicebot load --calls 5 --seconds 30 --via asterisk
      voicebot load --calls 5 --seconds 30 --to sip:100@pbx.example:5060
    """
    import asyncio
    import json
    import signal

    from voicebot.demo import OwnVoicebot, load_elsewhere, load_own, load_table
    from voicebot.replay import TRUSTED_LATE_PERCENT, Plan

    # closing the terminal, or a time-out, stops the test as Ctrl-C does
    for stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.default_int_handler)
    if to is None:
        line = _via(via or "audiosocket")
        scripts = _scripts(paths, work.absolute())
        voicebot = OwnVoicebot(line, _bot(bot, scripts), workers or 1, work.absolute())
        figures = asyncio.run(load_own(voicebot, Plan(scripts, calls, seconds), _tell))
    else:
        if via or workers or bot:
            raise UsageError("--to: a voicebot that runs already has its own --via, --workers and --bot")
        dial = _dial(to)
        scripts = _scripts(paths, work.absolute())
        figures = asyncio.run(load_elsewhere(dial, Plan(scripts, calls, seconds), _tell))
    print(json.dumps(figures) if as_json else load_table(figures))
    if figures["caller_late_percent"] > TRUSTED_LATE_PERCENT:
        _tell("the callers did not keep their own time: these figures tell about this machine, not the bot")
    raise typer.Exit(0 if _all_well(figures) else 1)


def _tell(sentence: str) -> None:
    import sys

    print(f"load: {sentence}", file=sys.stderr, flush=True)


def _via(text: str) -> Via:
    if text == "direct":
        raise UsageError("--via direct: virtual time has no load; use audiosocket or asterisk")
    if text not in get_args(Via):
        raise UsageError(f"--via {text}: there are audiosocket and asterisk")
    return text  # type: ignore[return-value]


def _dial(to: str) -> Dial:
    """Return what `--to` names."""
    from voicebot.replay import PhoneDial, SocketDial
    from voicebot.serve import Address
    from voicebot.telephony import parse_uri

    try:
        if not to.startswith("sip:"):
            address = Address(**Address.parse(to))
            return SocketDial(address.host, address.port)
        sip = parse_uri(to)
    except (ProtocolError, ValueError) as error:
        raise UsageError(f"--to: {error}") from None
    if not sip.user:
        raise UsageError(f"--to: {to} names nobody to call; write it as sip:100@127.0.0.1:5060")
    return PhoneDial(sip.host, sip.port, sip.user)


def _scripts(paths: Sequence[Path] | None, work: Path) -> list[Script]:
    """Read the fixtures of callers who begin a call; render what is new in them."""
    from voicebot.house import SyntheticCaller
    from voicebot.replay import Recordings, Script, at_hand, fixtures_in

    if not paths and not _FIXTURES.is_dir():
        raise UsageError("give a fixture, or a folder of them: the webshop's are not here")
    files = at_hand(fixtures_in(paths or [_FIXTURES]))
    caller = SyntheticCaller()
    try:
        recordings = Recordings(caller.say, work / "callers")
        scripts = [Script.of(file, recordings) for file in files]
    finally:
        caller.close()
    if not (first := [script for script in scripts if not script.fixture.purpose]):
        raise UsageError("these fixtures are of callers who were here before: they begin no call")
    return first


def _bot(name: str | None, scripts: Sequence[Script]) -> str:
    """Return the bot to start; a wrong name is told now."""
    from voicebot.dialogue import load_bot

    bots = [name] if name else sorted({script.fixture.bot for script in scripts})
    if len(bots) > 1:
        raise UsageError(f"these fixtures are for several bots: {', '.join(bots)}; choose one with --bot")
    load_bot(bots[0])
    return bots[0]


def _all_well(figures: dict[str, Any]) -> bool:
    """Tell whether every call was completed, and the bot knows of each."""
    calls, bot = figures["calls"], figures["bot"]
    return calls["begun"] == calls["completed"] and (bot is None or bot["calls_ended"] == calls["begun"])

"""`voicebot dialplan`: write the Asterisk files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from voicebot.dialogue import Bot
    from voicebot.telephony.dialplan import DialplanSettings

_ADVICE = """\
Written to {home}. Each file begins with the line that includes it:
  extensions.conf  #include "{home}/voicebot-extensions.conf"
                   exten => 100,1,Goto(voicebot,s,1)    (your number, where calls come in)
  queues.conf      #include "{home}/voicebot-queues.conf"    (and your agents as members)
  manager.conf     #include "{home}/voicebot-manager.conf"
Asterisk's user must be able to read the files; voicebot-manager.conf holds a password: keep it 0600.
Then: asterisk -rx "core reload"."""


def dialplan(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("dialplan"),
    bot: Annotated[str, typer.Option(help="Bot whose queue and opening hours are used.")] = "webshop",
    audiosocket: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where voicebot answers, as Asterisk sees it.")
    ] = "127.0.0.1:9092",
    home: Annotated[
        Path | None,
        typer.Option(help="Folder on the Asterisk machine where the files will stand; default: --out."),
    ] = None,
    always_open: Annotated[bool, typer.Option("--always-open", help="Leave out the opening hours.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print {files} as JSON.")] = False,
) -> None:
    """Write commented include files for Asterisk, and the prompts; never touches a site's own files.

    \b
    Example:
      voicebot dialplan --out /etc/asterisk/voicebot --audiosocket 10.0.0.5:9092
    """
    from voicebot.dialogue import load_bot
    from voicebot.telephony.dialplan import write_dialplan

    settings = settings_for(load_bot(bot), audiosocket, home=home, always_open=always_open)
    files = write_dialplan(out, settings, queue_prompts())
    if as_json:
        print(json.dumps({"files": [str(file) for file in files]}))
        return
    for file in files:
        print(file)
    print(_ADVICE.format(home=home or out.absolute()))


def settings_for(bot: Bot, audiosocket: str, *, home: Path | None, always_open: bool) -> DialplanSettings:
    """Return the dialplan that sends `bot`'s callers to its own queue, in its opening hours."""
    from voicebot.telephony.dialplan import DialplanSettings, OpenHours

    hours = () if always_open else bot.queues[bot.queue].hours
    return DialplanSettings(
        audiosocket=audiosocket,
        queue=bot.queue,
        hours=tuple(OpenHours(part.days, part.opens, part.closes) for part in hours),
        timezone=bot.timezone,
        home=home,
    )


def queue_prompts() -> dict[str, NDArray[np.int16]]:
    """Return the dialplan's own sentences, spoken: name -> int16 mono 8 kHz, shape (n,)."""
    from voicebot.speaking import Synthesiser, Voice, normalise
    from voicebot.telephony.dialplan import QUEUE_PROMPTS

    with Synthesiser(workers=1) as synthesiser:
        return {
            name: synthesiser.speak(normalise(text), Voice(name="nl")) for name, text in QUEUE_PROMPTS.items()
        }

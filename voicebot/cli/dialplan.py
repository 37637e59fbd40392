"""`voicebot dialplan`: write the Asterisk files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

_ADVICE = """\
Written to {home}. Each file begins with the line that includes it:
  extensions.conf  #include "{home}/voicebot-extensions.conf"
                   exten => 100,1,Goto(voicebot,s,1)    (your number, where calls come in)
                   include => voicebot-agent-codes      (where your agents' telephones dial)
  queues.conf      #include "{home}/voicebot-queues.conf"    (and your agents as members)
  musiconhold.conf #include "{home}/voicebot-musiconhold.conf"
  manager.conf     #include "{home}/voicebot-manager.conf"
Asterisk's user must be able to read the files; voicebot-manager.conf holds a password: keep it 0600.
Then: asterisk -rx "core reload"."""


def dialplan(
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("dialplan"),
    bot: Annotated[
        str | None, typer.Option(help="Bot whose queues and opening hours are used; default: webshop.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings of `voicebot serve`: for its bot and agents.")
    ] = None,
    outbound: Annotated[
        str,
        typer.Option(metavar="CHANNEL", help="How to dial who is called back, such as PJSIP/{number}@trunk."),
    ] = "",
    audiosocket: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where voicebot answers, as Asterisk sees it.")
    ] = "127.0.0.1:9092",
    home: Annotated[
        Path | None,
        typer.Option(help="Folder on the Asterisk machine where the files will stand; default: --out."),
    ] = None,
    messages: Annotated[
        Path, typer.Option(help="Folder on the Asterisk machine for messages after the tone.")
    ] = Path("/var/spool/asterisk/voicebot"),
    calls_per_caller: Annotated[
        int, typer.Option(help="Calls at once with the bot from one number; the next gets a human. 0: any.")
    ] = 3,
    calls_withheld: Annotated[
        int, typer.Option(help="The same for all callers without a number together. 0: any.")
    ] = 0,
    max_calls: Annotated[int, typer.Option(help="The same for all callers together. 0: any.")] = 0,
    always_open: Annotated[bool, typer.Option("--always-open", help="Leave out the opening hours.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print {files} as JSON.")] = False,
) -> None:
    """Write commented include files for Asterisk, and the prompts; never touches a site's own files.

    \b
    Example:
      voicebot dialplan --out /etc/asterisk/voicebot --audiosocket 10.0.0.5:9092
      voicebot dialplan --config voicebot.yaml --outbound 'PJSIP/{number}@trunk'
    """
    from dataclasses import replace

    from voicebot.dialogue import load_bot
    from voicebot.errors import ConfigError
    from voicebot.house import dialplan_of, queue_prompts
    from voicebot.serve import load_settings
    from voicebot.speaking import Synthesiser
    from voicebot.telephony import URGENT, DeskAgent, OpenHours, penalties, write_dialplan

    site = load_settings(config)
    loaded = load_bot(bot or site.bot)
    plain = dialplan_of(loaded)
    skills = sorted({skill for _, skill in plain.skilled} - {URGENT})
    for key, who in site.agents.items():
        if unknown := set(who.skills).difference(skills):
            listed = ", ".join(skills) or "none"
            raise ConfigError(
                f"agents: {key}: no caller of this bot needs {unknown.pop()!r}; there is {listed}"
            )
    hours = () if always_open else loaded.queues[loaded.queue].hours
    settings = replace(
        plain,
        audiosocket=audiosocket,
        agents=tuple(
            DeskAgent(key, who.name, penalties(who.queues or plain.queues, who.skills, plain.skilled))
            for key, who in site.agents.items()
        ),
        outbound=outbound,
        hours=tuple(OpenHours(part.days, part.opens, part.closes) for part in hours),
        calls_per_caller=calls_per_caller,
        calls_withheld=calls_withheld,
        max_calls=max_calls,
        messages=messages,
        home=home,
    )
    with Synthesiser() as synthesiser:
        prompts = queue_prompts(loaded, synthesiser, settings)
    files = write_dialplan(out, settings, prompts)
    if as_json:
        print(json.dumps({"files": [str(file) for file in files]}))
        return
    for file in files:
        print(file)
    print(_ADVICE.format(home=home or out.absolute()))

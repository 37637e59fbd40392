"""`voicebot access`: the codes that let supervisors and agents in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def access(
    config: Annotated[Path | None, typer.Option(help="Settings of `voicebot serve`.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show the address of the pages, and the codes that supervisors and agents come in with.

    Remove a code's file, and reload voicebot, to have a new one; who came in with the old one is out then.

    \b
    Example:
      voicebot access --config voicebot.yaml
    """
    from voicebot.cli.data_folder import data_folder
    from voicebot.serve import load_settings
    from voicebot.web import Access

    data, web = data_folder(config), load_settings(config).web
    codes = Access.in_folder(data).codes
    address = f"http://{f'[{web.host}]' if ':' in web.host else web.host}:{web.port}/"
    if as_json:
        print(json.dumps({"address": address, **codes}))
        return
    print(f"address     {address}")
    print(f"supervisor  {codes['supervisor']}  ({data / 'supervisor.code'})")
    print(f"agent       {codes['agent']}  ({data / 'agent.code'})")

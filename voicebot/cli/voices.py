"""`voicebot voices`: which voices there are, and fetching those that are not shipped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from voicebot.speaking import Synthesiser

voices_app = typer.Typer(help="Voices: list, fetch.", no_args_is_help=True, rich_markup_mode=None)


@voices_app.command("list")
def list_voices(as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False) -> None:
    """List the Dutch voices, and which of them speak on this machine: each is tried.

    \b
    Example:
      voicebot voices list
    """
    from dataclasses import asdict

    from voicebot.speaking import VOICES, Synthesiser, VoiceEntry, voices_folder

    listed = {entry.name for entry in VOICES}
    found = sorted(file.stem for file in voices_folder().glob("*.onnx") if file.stem not in listed)
    own = (VoiceEntry(name, "Piper", "see its MODEL_CARD", f"put in {voices_folder()}") for name in found)
    with Synthesiser() as synthesiser:
        for entry in (*VOICES, *own):
            speaks = _speaks(synthesiser, entry.name)
            if as_json:
                print(json.dumps(asdict(entry) | {"speaks": speaks}))
            else:
                state = "speaks" if speaks else "not here"
                print(f"{entry.name:<20}{entry.engine:<11}{state:<10}{entry.licence}; {entry.how}")


def _speaks(synthesiser: Synthesiser, name: str) -> bool:
    from voicebot.errors import SetupError, SpeakingError
    from voicebot.speaking import Voice

    try:
        return synthesiser.speak("ja", Voice(name)).size > 0
    except (SetupError, SpeakingError):
        return False


@voices_app.command("fetch")
def fetch(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A voice of Piper's; see list.")
    ] = None,
) -> None:
    """Fetch a voice (default: Piper's free Flemish one), check it, and put it in its place.

    \b
    Example:
      voicebot voices fetch
    """
    import httpx

    from voicebot.cli.progress import downloading
    from voicebot.speaking import fetch_voice, voice_entry

    entry = voice_entry(name)
    with (
        downloading(entry.name) as on_progress,
        httpx.Client(follow_redirects=True, timeout=30) as client,
    ):
        path = fetch_voice(entry, client, on_progress)
    print(f"{path} ({entry.licence})")

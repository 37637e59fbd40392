"""`voicebot models`: which speech models there are; fetching, verifying, training and adapting them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from voicebot.cli.adapt import adapt
from voicebot.cli.train import train

if TYPE_CHECKING:
    from voicebot.hearing import ModelEntry, Registry

models_app = typer.Typer(
    help="Speech models: list, fetch, verify, train, adapt.", no_args_is_help=True, rich_markup_mode=None
)
models_app.command("adapt")(adapt)
models_app.command("train")(train)
_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines.")]
_Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="A model of `voicebot models list`.")]


@models_app.command("list")
def list_models(as_json: _AsJson = False) -> None:
    """List the models, and which one is used.

    \b
    Example:
      voicebot models list
    """
    from voicebot.hearing import choose_model, open_registry

    registry = open_registry()
    used = choose_model(None, registry).name
    for entry in registry.entries:
        path = registry.find(entry)
        if as_json:
            facts = {
                "name": entry.name,
                "language": entry.language,
                "licence": entry.licence,
                "url": entry.url,
            }
            place = {"size": entry.size, "path": path and str(path), "used": entry.name == used}
            print(json.dumps({**facts, **place}))
        else:
            state = "used" if entry.name == used else "here" if path else "not fetched"
            print(
                f"{entry.name:<28}{entry.language:<4}{entry.size / 1e6:>5.0f} MB  {state:<12}{entry.licence}"
            )


@models_app.command("fetch")
def fetch(name: _Name = None) -> None:
    """Fetch a model (default: the official Dutch one), check every listed file, and put it in its place.

    \b
    Example:
      voicebot models fetch
    """
    import httpx

    from voicebot.cli.progress import downloading
    from voicebot.hearing import fetch_model, open_registry

    registry = open_registry()
    entry = registry.entry(name) if name else next(entry for entry in registry.entries if not entry.is_ours)
    with (
        downloading(entry.name) as on_progress,
        httpx.Client(follow_redirects=True, timeout=30) as client,
    ):
        path = fetch_model(entry, registry, client, on_progress)
    print(path)


@models_app.command("verify")
def verify(name: _Name = None, as_json: _AsJson = False) -> None:
    """Check every listed file of the models that are here; exit 1 if one is missing or changed.

    \b
    Example:
      voicebot models verify
    """
    from voicebot.hearing import open_registry, verify_model

    registry = open_registry()
    failed = False
    for entry in _asked(registry, name):
        path = registry.find(entry)
        wrong = (f"{entry.name}: not fetched",) if path is None else verify_model(entry, path)
        failed = failed or bool(wrong)
        if as_json:
            print(json.dumps({"name": entry.name, "path": path and str(path), "wrong": wrong}))
        elif not wrong:
            print(f"{entry.name}: whole ({len(entry.files)} files)")
        for line in wrong:
            print(line, file=sys.stderr)
    raise typer.Exit(1 if failed else 0)


def _asked(registry: Registry, name: str | None) -> Sequence[ModelEntry]:
    """Return the named model, or every one that is here."""
    return [registry.entry(name)] if name else [entry for entry in registry.entries if registry.find(entry)]

"""`voicebot models train`: our own Dutch telephone model, from recordings and synthetic speech."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import voicebot
from voicebot.errors import SetupError

if TYPE_CHECKING:
    from training.manifest import Progress
    from training.workshop import Workshop


def train(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where all stages leave their results.")],
    settings: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Instead of models/training/settings.yaml."),
    ] = None,
    recordings: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Default: as for replay, VOICEBOT_RECORDINGS."),
    ] = None,
    leave_out: Annotated[
        str | None, typer.Option(metavar="READER", help="Do not hear this reader, to try the model on them.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes, and threads, at once.")] = 2,
    trial: Annotated[
        bool, typer.Option("--trial", help="A hundredth of everything, and how long the whole would take.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON line for each stage.")] = False,
) -> None:
    """Train our own model; go on where an earlier run in FOLDER was cut off.

    Prints the folder of the model. Needs the extra: pip install 'voicebot[train]'.

    \b
    Example:
      voicebot models train training --trial
      voicebot models train training
      voicebot models train training --leave-out nathalie
    """
    _find_training()
    from training.pipeline import open_workshop
    from training.settings import DEFAULT_SETTINGS, load_settings
    from training.trial import SHARE, shrunk

    from voicebot.replay import recordings_folder

    chosen = load_settings(settings or DEFAULT_SETTINGS)
    if trial:
        chosen = shrunk(chosen, SHARE)
    workshop = open_workshop(folder.absolute(), recordings or recordings_folder(), chosen, leave_out, jobs)
    with _shown() as on_progress:
        lines = _try_out(workshop, on_progress) if trial else _train(workshop, on_progress)
        for plain, sentence in lines:
            print(json.dumps(plain, ensure_ascii=False) if as_json else sentence, flush=True)


def _train(workshop: Workshop, on_progress: Progress) -> Iterator[tuple[Mapping[str, object], str]]:
    from training.pipeline import run_stages

    for stage, manifest in run_stages(workshop, on_progress):
        facts = ", ".join(f"{name} {value}" for name, value in manifest.facts.items())
        plain = {"stage": stage.name, "seconds": manifest.seconds, **manifest.facts}
        yield plain, f"{stage.name:<12}{_duration(manifest.seconds):>10}  {facts}"
    yield {"model": str(workshop.model)}, str(workshop.model)


def _try_out(workshop: Workshop, on_progress: Progress) -> Iterator[tuple[Mapping[str, object], str]]:
    from training.trial import SHARE, try_out

    total = 0.0
    for estimate in try_out(workshop, SHARE, on_progress):
        total += estimate.whole_s
        took, will_take = _duration(estimate.trial_s), _duration(estimate.whole_s)
        yield asdict(estimate), f"{estimate.stage:<12}{took:>10}  in full about {will_take}"
    yield {"whole_s": total}, f"all of it about {_duration(total)} on this machine"


def _find_training() -> None:
    """Make `training` importable: it lies in the checkout, beside the package."""
    models = Path(voicebot.__file__).parents[1] / "models"
    if not (models / "training").is_dir():
        raise SetupError(f"training needs a checkout of voicebot: there is no {models / 'training'}")
    if importlib.util.find_spec("torch") is None:
        raise SetupError("training needs PyTorch: pip install 'voicebot[train]'")
    sys.path.insert(0, str(models))


@contextmanager
def _shown() -> Iterator[Progress]:
    """Show on stderr what is being done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)

        def on_progress(what: str, done: int, total: int) -> None:
            bars.update(task, description=what, completed=done, total=total)

        yield on_progress


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
    )

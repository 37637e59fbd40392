"""The stages of making a model, in order; each is done once, and a run that was cut off goes on where it was.

==========  ==========================================================================
stage       gives
==========  ==========================================================================
readers     the recorded people, at one rate
foreign     recorded people of other languages
synthetic   espeak-ng's sentences, every sound of which is known
guide       a first network, from synthetic speech only
rough       when the people say what, as the guide hears it
tutor       the guide, when it has heard the readers too
align       when the people say what, as the tutor hears it
stream      features: everybody as somebody else, over another line, and in pieces
train       checkpoints
average     one network
export      a Vosk model folder
tune        the same, with the best costs of ``[unk]``, and confidences that can be believed
==========  ==========================================================================

The folder of a stage carries the fingerprint of all that it depends on. So runs with different settings live
side by side, share what they have in common, and never overwrite each other.

A run leaves one reader out, or none. Leaving each of them out in turn, and looking at how well the other is
heard, is how settings are chosen: by somebody the network has never met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import BaseModel

from training import network_stages, sound_stages
from training.manifest import Facts, Manifest, Progress, Stopwatch, read_manifest, write_manifest
from training.settings import Settings, fingerprint
from training.tuning import tune
from training.workshop import Workshop
from voicebot.errors import UsageError

Parts: TypeAlias = tuple[BaseModel | str | int, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: what it does, and what that depends on."""

    name: str
    work: Callable[[Workshop, Path, Progress], Facts]
    """Fills the folder; called again after a cut it must go on, or begin again."""
    needs: tuple[str, ...]
    """The stages whose results it reads."""
    settings: Callable[[Settings], Parts]
    """The settings that it reads, beside the seed."""


STAGES: Final = (
    Stage("readers", sound_stages.readers, (), lambda settings: sound_stages.readers_settings(settings.data)),
    Stage("foreign", sound_stages.foreign, (), lambda settings: (settings.foreign,)),
    Stage("synthetic", sound_stages.synthetic, ("readers",), lambda settings: (settings.data,)),
    Stage("guide", network_stages.guide, ("synthetic",), network_stages.guide_settings),
    Stage("rough", network_stages.rough, ("readers", "foreign", "guide"), lambda settings: ()),
    Stage("tutor", network_stages.tutor, ("rough", "guide"), network_stages.tutor_settings),
    Stage("align", network_stages.align_people, ("readers", "foreign", "tutor"), lambda settings: ()),
    Stage("stream", sound_stages.stream, ("align", "synthetic"), lambda settings: (settings.stream,)),
    Stage("train", network_stages.train, ("stream",), lambda settings: (settings.network, settings.train)),
    Stage("average", network_stages.average_checkpoints, ("train",), lambda settings: (settings.average,)),
    Stage("export", network_stages.export, ("average",), lambda settings: (settings.export,)),
    Stage("tune", tune, ("export", "align", "synthetic"), lambda settings: (settings.tune,)),
)
_CHOOSES_READERS: Final = "tutor"
"""The first stage for which it matters who is left out."""


def open_workshop(
    folder: Path, recordings: Path, settings: Settings, left_out: str | None = None, jobs: int = 2
) -> Workshop:
    """Return a run in `folder`, of which nothing is done yet; raises UsageError for nobody to leave out."""
    readers = settings.data.readers
    if left_out is not None and (left_out not in readers or len(readers) < 2):
        raise UsageError(f"cannot leave out {left_out}: the readers are {', '.join(readers)}")
    prints: dict[str, str] = {}
    for stage in STAGES:
        needed = (prints[name] for name in stage.needs)
        heard = (left_out or "everybody",) if stage.name == _CHOOSES_READERS else ()
        prints[stage.name] = fingerprint(
            stage.name, settings.seed, *stage.settings(settings), *needed, *heard
        )
    places = {name: folder / f"{name}-{fingerprint}" for name, fingerprint in prints.items()}
    return Workshop(places, recordings, settings, left_out, jobs)


def run_stages(workshop: Workshop, on_progress: Progress) -> Iterator[tuple[Stage, Manifest]]:
    """Do what is not done yet, yielding each stage when it is finished."""
    for stage in STAGES:
        yield stage, _finish(stage, workshop, on_progress)


def _finish(stage: Stage, workshop: Workshop, on_progress: Progress) -> Manifest:
    """Return the manifest of `stage`, doing the work when there is none."""
    folder = workshop.place(stage.name)
    if (done := read_manifest(folder)) is not None:
        return done
    folder.mkdir(parents=True, exist_ok=True)
    watch = Stopwatch(folder)
    try:
        facts = stage.work(workshop, folder, on_progress)
    finally:
        watch.save()
    manifest = Manifest(watch.seconds, facts)
    write_manifest(folder, manifest)
    return manifest

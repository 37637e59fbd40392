"""Where a training run finds its things and leaves its results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training.settings import Settings


@dataclass(frozen=True, slots=True)
class Workshop:
    """One run; see `pipeline.open_workshop`."""

    places: Mapping[str, Path]
    """The folder of each stage."""
    recordings: Path
    settings: Settings
    left_out: str | None
    """The reader whom this run does not hear, so that it can be tried on somebody new."""
    jobs: int
    """Processes, or threads, at once."""

    def place(self, stage: str) -> Path:
        """Return the folder of `stage`."""
        return self.places[stage]

    @property
    def exported(self) -> Path:
        """The trained network as a Vosk model folder."""
        return self.place("export") / "model"

    @property
    def model(self) -> Path:
        """The Vosk model folder that the run ends in."""
        return self.place("tune") / "model"

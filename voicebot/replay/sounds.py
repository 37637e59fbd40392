"""Where the sound files that fixtures name lie: beside them, or among real people's recordings elsewhere.

Recordings of real people stay out of the repository. A fixture names one as ``recordings:PATH``; on a machine
without them such fixtures are left out.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_ELSEWHERE: Final = "recordings:"
_VARIABLE: Final = "VOICEBOT_RECORDINGS"
_BESIDE_CHECKOUT: Final = Path(__file__).resolve().parents[3] / "shared" / "speech"


def recordings_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where real recordings are, or would be.

    That is what VOICEBOT_RECORDINGS names, else ``../shared/speech`` beside the checkout.
    """
    named = environment.get(_VARIABLE)
    return Path(named).absolute() if named else _BESIDE_CHECKOUT


def has_real_recordings() -> bool:
    """Tell whether this machine has real recordings."""
    return recordings_folder().is_dir()


def is_elsewhere(name: str) -> bool:
    """Tell whether a fixture names a recording that does not lie beside it."""
    return name.startswith(_ELSEWHERE)


def sound_file(name: str, beside: Path) -> Path:
    """Return the file of a recording that a fixture names; `beside` is the fixture's folder."""
    if is_elsewhere(name):
        return recordings_folder() / name.removeprefix(_ELSEWHERE)
    return beside / name


def left_out(count: int) -> str:
    """Tell that so many fixtures are left out, and what to do about it."""
    fixtures = "1 fixture is" if count == 1 else f"{count} fixtures are"
    return (
        f"{fixtures} left out: the real recordings they need are not in {recordings_folder()}; "
        f"name their folder in {_VARIABLE}"
    )

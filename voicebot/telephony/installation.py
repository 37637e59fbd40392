"""The Asterisk on this machine: where it is, which version, which modules."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REQUIRED_MODULES: Mapping[str, str] = {
    "res_audiosocket": "the sound of the call to and from voicebot",
    "app_audiosocket": "the dialplan application that starts it",
    "app_chanspy": "a supervisor listens to a call",
    "app_dial": "calling back, and a supervisor who takes a call",
    "app_exec": "TryExec and ExecIf: go on to the human when an application fails",
    "app_playback": "the dialplan's own sentences",
    "app_queue": "the human queue",
    "app_read": "the agent's choice by key",
    "app_record": "messages after the tone",
    "app_stack": "the routine that adds headers for the agent",
    "app_userevent": "tells voicebot which channel carries which call",
    "format_wav": "prompts and messages",
    "func_callerid": "the caller's number; the reason on the agent's telephone",
    "func_channel": "which kind of channel an agent has",
    "func_cut": "the telephone of an agent who dials a code",
    "func_db": "nobody is called back twice",
    "func_global": "voicebot is left alone for a moment after it refused a call",
    "func_groupcount": "limits on calls at once",
    "func_logic": "conditions in the dialplan",
    "func_strings": "keeps foreign characters out of numbers",
    "func_uuid": "the call's id",
    "pbx_config": "reads extensions.conf",
    "res_musiconhold": "music while no agent is free",
    "chan_pjsip": "SIP",
    "res_pjsip_header_funcs": "headers for the agent",
}
"""Modules that the generated dialplan needs -> what for."""

MIN_VERSION = 18
"""The first Asterisk with AudioSocket."""


FIRST_WHOLE = {20: 14, 21: 9, 22: 4}
"""Series -> first release whose AudioSocket passes keys on and always goes on in the dialplan afterwards.

From Asterisk's pull request 1138, merged in March 2025; later series have it, earlier ones never got it.
"""


@dataclass(frozen=True, slots=True)
class AsteriskInstall:
    """An Asterisk that can be started."""

    binary: Path
    version: str
    """As it calls itself, such as ``22.10.1``."""
    modules: Path
    """Folder with its modules."""
    data: Path
    """Folder with its sounds and documentation."""

    @property
    def major(self) -> int:
        """The release series: 18, 20, 22, ..."""
        return int(self.version.partition(".")[0])

    @property
    def is_whole(self) -> bool:
        """Whether its AudioSocket has what FIRST_WHOLE is about."""
        minor = self.version.split(".")[1] if "." in self.version else "0"
        number = int("".join(c for c in minor if c.isdigit()) or 0)
        if self.major in FIRST_WHOLE:
            return number >= FIRST_WHOLE[self.major]
        return self.major > max(FIRST_WHOLE)

    def missing_modules(self) -> list[str]:
        """Return the names in `REQUIRED_MODULES` that this Asterisk lacks."""
        return [name for name in REQUIRED_MODULES if not (self.modules / f"{name}.so").exists()]


def find_asterisk(
    project: Path | None = None, environ: Mapping[str, str] = os.environ
) -> AsteriskInstall | None:
    """Return the Asterisk to use, or None.

    VOICEBOT_ASTERISK decides, when it is set: a binary, or a folder made by
    ``scripts/install-asterisk``. Otherwise the one on PATH, or the one in ``.asterisk/`` of `project`
    (default: the folder this package stands in) when that on PATH lacks a module.
    """
    if named := environ.get("VOICEBOT_ASTERISK"):
        return inspect_asterisk(Path(named))
    project = project or Path(__file__).resolve().parents[2]
    on_path = shutil.which("asterisk", path=f"{environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    places = [Path(on_path)] if on_path else []
    found = [install for place in (*places, project / ".asterisk") if (install := inspect_asterisk(place))]
    return next((install for install in found if not install.missing_modules()), found[0] if found else None)


def inspect_asterisk(place: Path) -> AsteriskInstall | None:
    """Return the Asterisk at `place` (a binary, or a folder with ``bin/asterisk``); None if it fails."""
    binary = (place / "bin" / "asterisk" if place.is_dir() else place).absolute()
    version = _version(binary)
    root = binary.parent.parent / "root"
    roots = (root / "usr",) if root.is_dir() else (Path("/usr"), Path("/usr/local"))
    modules = _first(roots, ("lib/*/asterisk/modules", "lib/asterisk/modules", "lib64/asterisk/modules"))
    data = _first((*roots, Path("/var")), ("share/asterisk", "lib/asterisk"), holding="documentation")
    if version is None or modules is None or data is None:
        return None
    return AsteriskInstall(binary, version, modules, data)


def _version(binary: Path) -> str | None:
    try:
        answer = subprocess.run([binary, "-V"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"Asterisk (?:certified[/-])?(\d+[\w.]*)", answer)
    return match and match[1]


def _first(roots: tuple[Path, ...], patterns: tuple[str, ...], holding: str = ".") -> Path | None:
    """Return the first folder under `roots` that matches one of `patterns` and holds `holding`."""
    found = (path for root in roots for pattern in patterns for path in sorted(root.glob(pattern)))
    return next((path for path in found if (path / holding).exists()), None)

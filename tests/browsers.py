"""The browser of the tests: the system's own Chromium, or the one of scripts/install-chromium."""

import shutil
from pathlib import Path
from typing import Any

_OWN = Path(__file__).parents[1] / ".chromium" / "bin" / "chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def chromium_options() -> dict[str, Any]:
    """Return what playwright's `chromium.launch` is to be given."""
    found = shutil.which("chromium") or (str(_OWN) if _OWN.exists() else None)
    assert found, "no Chromium here; run scripts/install-chromium .chromium"
    return {"executable_path": found, "args": _FLAGS}

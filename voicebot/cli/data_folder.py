"""Where the voicebot that is being asked about keeps its data."""

from __future__ import annotations

from pathlib import Path


def data_folder(config: Path | None) -> Path:
    """Return the data folder of these settings; raises UsageError when it is not there."""
    from voicebot.errors import UsageError
    from voicebot.serve import load_settings

    data = load_settings(config).data
    if not data.is_dir():
        raise UsageError(f"no data folder {data}; give the settings of `voicebot serve` with --config")
    return data

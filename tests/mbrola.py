"""Where `scripts/install-mbrola .mbrola` puts MBROLA, which not every machine may or can have."""

from pathlib import Path

TREE = Path(__file__).parents[1] / ".mbrola" / "tree"

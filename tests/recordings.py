"""Where the recorded callers of the tests are."""

from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"

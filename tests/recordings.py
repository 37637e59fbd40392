"""Where the recorded callers of the tests are, and when their calls take place."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

FIXTURES = Path(__file__).parents[1] / "audio_fixtures" / "webshop"
NOW = datetime(2026, 11, 20, 10, 15, tzinfo=ZoneInfo("Europe/Amsterdam"))

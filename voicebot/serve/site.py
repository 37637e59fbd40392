"""What one generation of workers is made from: the settings, and what they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voicebot.bot_model import open_bot_model
from voicebot.dialogue import load_bot
from voicebot.hearing import ModelChoice, choose_model
from voicebot.serve.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Site:
    """A configuration that was looked at: its bot can be loaded and its model is there."""

    settings: Settings
    bot: str
    """Name and version."""
    model: ModelChoice

    def lines(self) -> list[str]:
        """Return what its operator should know."""
        lines = [f"bot: {self.bot}; model: {self.model.name} ({self.model.path})"]
        if self.model.is_ours:
            lines += [
                "This is our own small model, for the demo and tests. "
                "For real callers fetch the official one:",
                "  voicebot models fetch vosk-model-small-nl-0.22",
            ]
        return lines


def read_site(file: Path | None, changes: Mapping[str, object], say: Callable[[str], None]) -> Site:
    """Read the settings, `changes` going before them, and what they name; raises VoicebotError.

    The bot's own speech model is made when it is not there yet: `say` gets that, and why it could not be.
    """
    settings = load_settings(file).model_copy(update=dict(changes))
    bot = load_bot(settings.bot)
    model = choose_model(settings.model)
    open_bot_model(settings.bot, model.path, settings.data / "models", say).close()
    return Site(settings, f"{bot.name} {bot.version}", model)

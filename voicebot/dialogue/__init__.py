"""What a bot is, and the pure engine that decides what it does."""

from voicebot.dialogue.bot import Bot, OpenHours, QueueSpec
from voicebot.dialogue.engine import decide
from voicebot.dialogue.loader import load_bot, place, shipped_bots
from voicebot.dialogue.state import State

__all__ = ["Bot", "OpenHours", "QueueSpec", "State", "decide", "load_bot", "place", "shipped_bots"]

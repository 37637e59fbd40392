"""What a bot is, and the pure engine that decides what it does."""

from voicebot.dialogue.bot import PHONE, Bot, OpenHours, QueueSpec
from voicebot.dialogue.callback import CALLBACK, STORE_CALLBACK, callback_bot
from voicebot.dialogue.engine import decide
from voicebot.dialogue.loader import LEXICON_FILE, bot_folder, bot_version, load_bot, place, shipped_bots
from voicebot.dialogue.state import State

__all__ = [
    "CALLBACK",
    "LEXICON_FILE",
    "PHONE",
    "STORE_CALLBACK",
    "Bot",
    "OpenHours",
    "QueueSpec",
    "State",
    "bot_folder",
    "bot_version",
    "callback_bot",
    "decide",
    "load_bot",
    "place",
    "shipped_bots",
]

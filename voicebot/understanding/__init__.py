"""Dutch text to meaning: what a caller wants, and the values they give."""

from voicebot.understanding.slots import SLOT_TYPES, SlotSpec
from voicebot.understanding.understanding import Meaning, Understanding
from voicebot.understanding.wishes import IntentSpec

__all__ = ["SLOT_TYPES", "IntentSpec", "Meaning", "SlotSpec", "Understanding"]

"""Dutch text to meaning: what a caller wants, and the values they give."""

from voicebot.understanding.examples import example_sentences
from voicebot.understanding.phone import phone_number
from voicebot.understanding.slots import SlotSpec
from voicebot.understanding.understanding import Meaning, Understanding
from voicebot.understanding.wishes import IntentSpec

__all__ = ["IntentSpec", "Meaning", "SlotSpec", "Understanding", "example_sentences", "phone_number"]

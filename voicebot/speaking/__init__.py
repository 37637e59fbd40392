"""The bot's mouth: Dutch text normalised, synthesised in its own processes, cached, played frame by frame."""

from voicebot.speaking.cache import PromptCache
from voicebot.speaking.normaliser import normalise
from voicebot.speaking.player import Player
from voicebot.speaking.pronunciation import for_espeak
from voicebot.speaking.sentences import SENTENCE_PAUSE, sentences
from voicebot.speaking.speaker import Speaker, warm
from voicebot.speaking.synthesiser import Synthesiser
from voicebot.speaking.voice import Voice

__all__ = [
    "SENTENCE_PAUSE",
    "Player",
    "PromptCache",
    "Speaker",
    "Synthesiser",
    "Voice",
    "for_espeak",
    "normalise",
    "sentences",
    "warm",
]

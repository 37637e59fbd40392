"""The bot's mouth: Dutch text normalised, synthesised in its own processes, cached, played frame by frame."""

from voicebot.speaking.cache import PromptCache
from voicebot.speaking.normaliser import normalise
from voicebot.speaking.player import Player
from voicebot.speaking.pronunciation import for_espeak
from voicebot.speaking.sentences import SENTENCE_PAUSE, sentences
from voicebot.speaking.speaker import Speaker, warm
from voicebot.speaking.synthesiser import Synthesiser
from voicebot.speaking.voice import Voice
from voicebot.speaking.voices import VOICES, VoiceEntry, fetch_voice, piper_file, voice_entry, voices_folder

__all__ = [
    "SENTENCE_PAUSE",
    "VOICES",
    "Player",
    "PromptCache",
    "Speaker",
    "Synthesiser",
    "Voice",
    "VoiceEntry",
    "fetch_voice",
    "for_espeak",
    "normalise",
    "piper_file",
    "sentences",
    "voice_entry",
    "voices_folder",
    "warm",
]

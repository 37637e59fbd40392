"""Pure signal code on numpy: frames, files, levels, G.711, the line, voice activity, echo."""

from voicebot.audio.echo import EchoCanceller
from voicebot.audio.files import read_audio, write_audio
from voicebot.audio.frames import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, RATE, Framer, Samples, to_samples
from voicebot.audio.g711 import alaw_decode, alaw_encode, ulaw_decode, ulaw_encode
from voicebot.audio.levels import SILENCE_DBFS, normalise, rms_dbfs, voiced_dbfs
from voicebot.audio.line import BandPass, gsm, telephone
from voicebot.audio.voice import VoiceActivity

__all__ = [
    "FRAME_BYTES",
    "FRAME_MS",
    "FRAME_SAMPLES",
    "RATE",
    "SILENCE_DBFS",
    "BandPass",
    "EchoCanceller",
    "Framer",
    "Samples",
    "VoiceActivity",
    "alaw_decode",
    "alaw_encode",
    "gsm",
    "normalise",
    "read_audio",
    "rms_dbfs",
    "telephone",
    "to_samples",
    "ulaw_decode",
    "ulaw_encode",
    "voiced_dbfs",
    "write_audio",
]

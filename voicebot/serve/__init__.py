"""The processes of `voicebot serve`: a small parent, workers that answer calls, and the web."""

from voicebot.serve.parent import Parent
from voicebot.serve.settings import Address, Settings, load_settings

__all__ = ["Address", "Parent", "Settings", "load_settings"]

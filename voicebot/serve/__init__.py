"""The processes of `voicebot serve`: a small parent, workers that answer calls, and the web."""

from voicebot.serve.parent import run_parent
from voicebot.serve.served import Served, served
from voicebot.serve.settings import Address, Settings, load_settings
from voicebot.serve.site import Site, read_site
from voicebot.serve.usage import Usage

__all__ = [
    "Address",
    "Served",
    "Settings",
    "Site",
    "Usage",
    "load_settings",
    "read_site",
    "run_parent",
    "served",
]

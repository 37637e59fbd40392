"""A whole telephone exchange in a folder: Asterisk, voicebot, a recorded caller and a scripted agent."""

from voicebot.demo.load_table import load_table
from voicebot.demo.load_test import OwnVoicebot, load_elsewhere, load_own
from voicebot.demo.performance import Performance, perform, perform_in_memory
from voicebot.demo.proof import check, likeness
from voicebot.demo.run import Cast, Demo
from voicebot.demo.show import Check, Show
from voicebot.demo.stage import Stage, open_stage

__all__ = [
    "Cast",
    "Check",
    "Demo",
    "OwnVoicebot",
    "Performance",
    "Show",
    "Stage",
    "check",
    "likeness",
    "load_elsewhere",
    "load_own",
    "load_table",
    "open_stage",
    "perform",
    "perform_in_memory",
]

"""From the caller's sound and keys to events: recognition, endpointing, grammars, speech models."""

from voicebot.hearing.barge_in import Floor
from voicebot.hearing.fetching import fetch_model
from voicebot.hearing.grammars import GRAMMARS, parse_grammar
from voicebot.hearing.keys import KeyCollector
from voicebot.hearing.listener import Listener, ListenerSettings
from voicebot.hearing.recogniser import Model, Recogniser, Transcript, Word, load_model
from voicebot.hearing.registry import (
    ModelChoice,
    ModelEntry,
    Registry,
    choose_model,
    open_registry,
    verify_model,
)

__all__ = [
    "GRAMMARS",
    "Floor",
    "KeyCollector",
    "Listener",
    "ListenerSettings",
    "Model",
    "ModelChoice",
    "ModelEntry",
    "Recogniser",
    "Registry",
    "Transcript",
    "Word",
    "choose_model",
    "fetch_model",
    "load_model",
    "open_registry",
    "parse_grammar",
    "verify_model",
]

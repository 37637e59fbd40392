"""Frustration heard in the voice: prosody, the caller's baseline, a score with reasons, alarms over turns."""

from voicebot.mood.analyst import Analyst
from voicebot.mood.baseline import Baseline, Population
from voicebot.mood.prosody import FEATURES, Prosody, measure
from voicebot.mood.score import MODEL, Mood, Scorer, Weights, deviations, load_scorer, to_json
from voicebot.mood.tracker import Caller, Track, follow, hear

__all__ = [
    "FEATURES",
    "MODEL",
    "Analyst",
    "Baseline",
    "Caller",
    "Mood",
    "Population",
    "Prosody",
    "Scorer",
    "Track",
    "Weights",
    "deviations",
    "follow",
    "hear",
    "load_scorer",
    "measure",
    "to_json",
]

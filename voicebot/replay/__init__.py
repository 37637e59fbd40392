"""Recorded callers that behave like people, and the same calls again, faster than the clock."""

from voicebot.replay.call_times import voiced_edges
from voicebot.replay.caller import Turn, VirtualCaller
from voicebot.replay.callers import Callers, Plan
from voicebot.replay.dial import Dial, PhoneDial, SocketDial
from voicebot.replay.fixture import Fixture, load_fixture
from voicebot.replay.jobs import replay_all
from voicebot.replay.judge import Failure, Gist, gist, judge, spoken
from voicebot.replay.load_figures import TRUSTED_LATE_PERCENT, caller_figures, percent, percentiles
from voicebot.replay.perform import replay_direct
from voicebot.replay.recording import record_call
from voicebot.replay.recordings import Recordings
from voicebot.replay.rehearsal import Rehearsal, Via, at_hand, fixtures_in
from voicebot.replay.rendering import LINES, render
from voicebot.replay.replayed import Began, Replayed
from voicebot.replay.report import folder_checksum, write_report
from voicebot.replay.result import Result, summary, timeline
from voicebot.replay.script import Script
from voicebot.replay.sounds import has_real_recordings, left_out, recordings_folder
from voicebot.replay.starter import starter

__all__ = [
    "LINES",
    "TRUSTED_LATE_PERCENT",
    "Began",
    "Callers",
    "Dial",
    "Failure",
    "Fixture",
    "Gist",
    "PhoneDial",
    "Plan",
    "Recordings",
    "Rehearsal",
    "Replayed",
    "Result",
    "Script",
    "SocketDial",
    "Turn",
    "Via",
    "VirtualCaller",
    "at_hand",
    "caller_figures",
    "fixtures_in",
    "folder_checksum",
    "gist",
    "has_real_recordings",
    "judge",
    "left_out",
    "load_fixture",
    "percent",
    "percentiles",
    "record_call",
    "recordings_folder",
    "render",
    "replay_all",
    "replay_direct",
    "spoken",
    "starter",
    "summary",
    "timeline",
    "voiced_edges",
    "write_report",
]

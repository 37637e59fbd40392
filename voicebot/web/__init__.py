"""What people see of voicebot in a browser; runs in a process of its own."""

from voicebot.web.app import Readiness, create_app
from voicebot.web.finder import CallFinder
from voicebot.web.live import LiveCall, LiveCalls

__all__ = ["CallFinder", "LiveCall", "LiveCalls", "Readiness", "create_app"]

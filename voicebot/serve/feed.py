"""The live feed lives in `voicebot.records`, where both the workers and the web may reach it."""

from voicebot.records import FeedReceiver, FeedSender

__all__ = ["FeedReceiver", "FeedSender"]

"""Recognition works again."""

from voicebot.hearing.recogniser import Recogniser

Recogniser.accept = Recogniser.healthy
if hasattr(Recogniser, "over"):
    Recogniser.over.set()

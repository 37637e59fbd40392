"""Recognition fails from now on."""

from voicebot.hearing.recogniser import Recogniser


def accept(self, samples):
    raise RuntimeError("recognition failed")


Recogniser.healthy = Recogniser.accept
Recogniser.accept = accept

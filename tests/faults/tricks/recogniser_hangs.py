"""Recognition never answers again, until it is healed."""

import threading

from voicebot.hearing.recogniser import Recogniser

over = threading.Event()


def accept(self, samples):
    over.wait()
    return ""


Recogniser.over = over
Recogniser.healthy = Recogniser.accept
Recogniser.accept = accept

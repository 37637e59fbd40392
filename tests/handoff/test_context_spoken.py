"""What is whispered to an agent fits in six seconds."""

from collections.abc import Iterator
from itertools import product

import pytest

from voicebot.dialogue import load_bot
from voicebot.events import CallStarted, Message, NoteFrustration, Transfer, UtteranceEnded, WarningHeard
from voicebot.handoff import REASON_SENTENCES, build_context
from voicebot.speaking import Synthesiser, Voice

pytestmark = pytest.mark.audio

AGENTS_VOICE = Voice("nl", 165)
LONGEST_S = 6.0


def briefings() -> Iterator[str]:
    bot = load_bot("webshop")
    topics = {name: intent.label for name, intent in bot.intents.items()}
    started = CallStarted("c1", bot.name, "1", "1", "", topics=topics)
    said = UtteranceEnded("...", 0, 1)
    subjects = [WarningHeard(risk=risk) for risk in bot.escalation.risks]
    for reason, intent, level in product((*REASON_SENTENCES, "unheard_of"), ("", *topics), (0.0, 0.9)):
        for warning in subjects if reason == "risk" else [WarningHeard()]:
            messages: list[Message] = [started, said, warning, NoteFrustration(level, ("schold",))]
            context = build_context("c1", Transfer("q", reason, intent), messages, lambda message: message)
            yield context.briefing
            yield context.callback_briefing


def test_every_briefing_of_the_shipped_bot_is_short_enough() -> None:
    texts = sorted(set(briefings()), key=len)
    assert len(texts) > 300
    with Synthesiser() as synthesiser:
        seconds = {text: len(synthesiser.speak(text, AGENTS_VOICE)) / 8000 for text in texts}
    assert {text: spoken for text, spoken in seconds.items() if not 0 < spoken <= LONGEST_S} == {}

"""`voicebot understand`: what a bot makes of a sentence."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def understand(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT...", help="What a caller says, in Dutch.")],
    bot: Annotated[str, typer.Option(help="A shipped bot, or a folder.")] = "webshop",
    expect: Annotated[
        str | None, typer.Option(metavar="SLOT", help="The slot that was just asked for; default: none.")
    ] = None,
) -> None:
    """Print JSON lines {text, intent, confidence, slots, rejected}; rejected means no intent.

    \b
    Example:
      voicebot understand "waar blijft mijn pakket" "verbind me door"
      voicebot understand --expect postcode "zesenvijftig elf b j"
    """
    from voicebot.dialogue import load_bot
    from voicebot.errors import UsageError
    from voicebot.expectation import Expectation
    from voicebot.house import understanding_of

    loaded = load_bot(bot)
    if expect is not None and expect not in loaded.slots:
        raise UsageError(
            f"--expect: no slot {expect!r}; bot {loaded.name} has {', '.join(loaded.slots) or 'none'}"
        )
    asked = loaded.slots[expect] if expect else None
    expectation = Expectation(expect, asked.type, asked.length) if asked else Expectation()
    understanding = understanding_of(loaded)
    for text in texts:
        meaning = understanding.understand(text, expectation)
        result = {
            "text": text,
            "intent": meaning.intent,
            "confidence": round(meaning.confidence, 3),
            "slots": dict(meaning.slots),
            "rejected": meaning.intent is None,
        }
        print(json.dumps(result, ensure_ascii=False), flush=True)

"""What the callers of a bot say, as words for a speech model."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from voicebot.dialogue import Bot
from voicebot.house import specs_of
from voicebot.speaking import normalise, sentences
from voicebot.understanding import IntentSpec, example_sentences

_WORD: Final = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|'[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Callers:
    """What the callers say that a speech model is for."""

    name: str
    wishes: Mapping[str, float]
    """What the bot is to understand, as `heard_sentences` gives it, and how often each is said."""
    echoes: Mapping[str, float]
    """The bot's own sentences, of which callers take words over."""
    respell: Mapping[str, str]
    """Word -> how to write it so that espeak says it well."""

    @property
    def sentences(self) -> Mapping[str, float]:
        """All of them."""
        return {**self.wishes, **self.echoes}


def callers_of(bot: Bot) -> Callers:
    """Return what callers of a bot say: wishes, values, and what they take over from the bot's own words."""
    respell = {word.lower(): better for word, better in bot.respell.items()}
    intents, slots = specs_of(bot)
    risks = {f"risk_{name}": IntentSpec(templates) for name, templates in bot.escalation.risks.items()}
    return Callers(
        bot.name,
        example_sentences({**intents, **risks}, slots),
        heard_sentences(bot.static_prompts()),
        respell,
    )


def heard_sentences(texts: Iterable[str]) -> dict[str, float]:
    """Return written sentences as a recogniser would write them, and how often they stand there."""
    spoken = (part for text in texts for part in sentences(normalise(text)))
    words = (heard_words(part) for part in spoken)
    return dict(Counter(" ".join(sentence) for sentence in words if sentence))


def heard_words(text: str) -> list[str]:
    """Return the words in `text` as a recogniser would write them; digits and signs are none."""
    return _WORD.findall(text.lower().replace("e-mail", "email").replace("één", "een"))

"""From what the bot wants said to sound for the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NoReturn

import numpy as np

from voicebot.clock import Run
from voicebot.errors import SpeakingError
from voicebot.events import Say
from voicebot.speaking.normaliser import normalise
from voicebot.speaking.player import Player
from voicebot.speaking.sentences import SENTENCE_PAUSE, SLOW_PAUSE, clauses, sentences
from voicebot.speaking.synthesiser import Synthesiser
from voicebot.speaking.voice import Voice
from voicebot.values import fill

_DEADLINE_S: Final = 4.0
"""Longest wait for a sentence: a try, a fresh speech process, and a second try."""


class Speaker:
    """Turns `Say` effects of one call into queued sound, strictly in order.

    Sentences are made one by one, so a long answer starts as soon as its
    first is ready. Prompts without places are kept in the synthesiser's
    cache; those with values filled in never reach the disk.
    """

    def __init__(
        self,
        player: Player,
        synthesiser: Synthesiser,
        voice: Voice,
        run: Run,
        respell: Mapping[str, str] = {},
    ) -> None:
        self._player = player
        self._synthesiser = synthesiser
        self._voice = voice
        self._run = run
        self._respell = respell
        self._unspoken: asyncio.Queue[Say] = asyncio.Queue()

    def say(self, say: Say) -> None:
        """Speak a prompt after those already queued."""
        self._player.queue(say)
        self._unspoken.put_nowait(say)

    def stop(self) -> None:
        """Stop the current prompt within a frame and forget the queued ones, made or not; see `Player`."""
        self._player.stop()

    def pause(self) -> None:
        """Fall silent within a frame, until `resume` or `stop`; see `Player`."""
        self._player.pause()

    def resume(self) -> None:
        """Go on where `pause` broke off."""
        self._player.resume()

    def take_back(self, after: int) -> None:
        """Stop and forget every prompt after this one; see `Player`."""
        self._player.take_back(after)

    async def run(self) -> NoReturn:
        """Make sound until cancelled; raises SpeakingError when that failed for good."""
        while True:
            await self._make(await self._unspoken.get())

    async def _make(self, say: Say) -> None:
        try:
            text = fill(say.template, say.values, reveal=True)
        except KeyError as error:
            raise SpeakingError(
                f"prompt {say.name!r} has a place {error} but was given no value for it"
            ) from error
        spoken = normalise(text, self._respell)
        voice, pause = (self._voice.slower(), SLOW_PAUSE) if say.slow else (self._voice, SENTENCE_PAUSE)
        for number, piece in enumerate(clauses(spoken) if say.slow else sentences(spoken)):
            if not self._player.wants(say.prompt):
                return
            speak = partial(self._synthesiser.speak, piece, voice, keep=_is_static(say.template))
            try:
                async with asyncio.timeout(_DEADLINE_S):
                    sound = await self._run(speak)
            except TimeoutError as error:
                raise SpeakingError(f"no sound for a sentence in {_DEADLINE_S:g} s") from error
            self._player.feed(say.prompt, np.concatenate((pause, sound)) if number else sound)
        self._player.complete(say.prompt)


async def warm(
    templates: Sequence[str],
    synthesiser: Synthesiser,
    voice: Voice,
    run: Run,
    respell: Mapping[str, str] = {},
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Make the prompts among `templates` that have no places, so that they come from the cache in a call.

    `on_progress` is told how many of how many are done. Raises as `Synthesiser.speak`.
    """
    static = [template for template in templates if _is_static(template)]
    for done, template in enumerate(static, start=1):
        for sentence in sentences(normalise(template, respell)):
            await run(partial(synthesiser.speak, sentence, voice))
        on_progress(done, len(static))


def _is_static(template: str) -> bool:
    return "{" not in template

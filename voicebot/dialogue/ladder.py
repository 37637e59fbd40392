"""What becomes of an open question that gets no answer: asked again in other words, and then a human."""

from __future__ import annotations

from dataclasses import replace

from voicebot.dialogue.draft import NO_INPUT, Draft
from voicebot.dialogue.frustration import Sign
from voicebot.dialogue.steps import ConfirmSpec

MOST_NOISES = 2
"""Sounds without words that one question forgives; more of them count as silence."""
PATIENCE_MS = 60_000
"""How long the bot is silent for who asked it to wait."""


class Ladder(Draft):
    """The rungs of one question."""

    @property
    def _confirming(self) -> ConfirmSpec | None:
        """The step that waits to hear whether a value is right."""
        step = self.state.todo[0] if self.state.todo and self.state.phase == "asking" else None
        return step if isinstance(step, ConfirmSpec) else None

    def _no_match(self) -> None:
        misses = self.state.no_matches + 1
        self.state = replace(self.state, no_matches=misses)
        if misses >= self.bot.limits.no_match:
            self._bring_human("not_understood")
        elif self.state.irritated or not self._sign(Sign.NO_MATCH):  # an angry sentence counts once
            self._ask_again("no_match", self.bot.prompts.no_match)

    def _no_input(self) -> None:
        misses = self.state.no_inputs + 1
        self.state = replace(self.state, no_inputs=misses)
        if misses >= self.bot.limits.no_input:
            self._bring_human("no_input")
        else:
            self._ask_again("no_input", self.bot.prompts.no_input)

    def _ask_again(self, name: str, why: str) -> None:
        self._say(name, why)
        self._repeat_question()

    def _nothing_said(self) -> None:
        """Forgive a cough or a noise: no try of the caller's. Ask again if it broke off the question."""
        self.state = replace(self.state, noises=self.state.noises + 1)
        if self.state.noises > MOST_NOISES:
            self._no_input()
        elif self.state.interrupted:
            self._repeat_question()
        else:
            self._await_answer()

    def _await_answer(self) -> None:
        """Be silent for as long as the caller may be."""
        self._start(NO_INPUT, PATIENCE_MS if self.state.patient else self.bot.limits.no_input_after_ms)

    def _repeat_question(self) -> None:
        if step := self._confirming:
            self._ask_whether_right(step, f"{step.say} {step.hint}")
        elif self.state.asking:
            self._ask_slot(self.state.asking, self.bot.slots[self.state.asking].hint)
        elif self.state.phase == "closing":
            self._ask_open("closing", self.bot.prompts.anything_else)
        else:
            self._ask_open("opening", self.bot.prompts.opening)

"""A decision in the making: the state so far, the effects so far, and the ways to add to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from voicebot.dialogue.bot import Bot
from voicebot.dialogue.state import Phase, State
from voicebot.dialogue.steps import ConfirmSpec
from voicebot.events import CancelTimer, Effect, HangUp, Listen, Say, StartTimer, StopSpeaking, Transfer
from voicebot.expectation import Expectation

NO_INPUT = "no_input"
BUSY = "busy"
LEAVING = "leaving"
LEAVING_MS = 20_000
"""Longest wait for the last prompt; the disclosure (about 10 s) may still be playing before it."""


class Draft:
    """What any decision is made with: questions, timers, and the ways out."""

    def __init__(self, bot: Bot, state: State) -> None:
        self.bot = bot
        self.state = state
        self.effects: list[Effect] = []

    # ------------------------------------------------------------------ effects

    def _say(self, name: str, template: str, *, interruptible: bool = True) -> None:
        self.state = replace(self.state, prompts=self.state.prompts + 1)
        known = {**self.state.facts, **self.state.slots}
        values = {place: value for place, value in known.items() if f"{{{place}}}" in template}
        slow = self.state.slow
        self.effects.append(Say(self.state.prompts, name, template, values, interruptible, slow))

    def _ask_slot(self, slot: str, text: str) -> None:
        spec = self.bot.slots[slot]
        self._say(f"ask.{slot}", text)
        self._open_question("asking", slot, Expectation(slot, spec.type, spec.length))

    def _ask_whether_right(self, step: ConfirmSpec, text: str) -> None:
        slot, spec = step.confirm, self.bot.slots[step.confirm]
        self._say(f"confirm.{slot}", text)
        self._open_question("asking", slot, Expectation(slot, spec.type, spec.length, confirming=True))

    def _ask_open(self, phase: Literal["opening", "closing"], text: str) -> None:
        self.state = replace(self.state, todo=())
        self._say(phase, text)
        self._open_question(phase, None, Expectation(slot_type="yes_no" if phase == "closing" else None))

    def _open_question(self, phase: Phase, slot: str | None, expectation: Expectation) -> None:
        self.state = replace(
            self.state,
            phase=phase,
            asking=slot,
            question=self.state.prompts,
            expectation=expectation,
            interrupted=False,
            patient=False,
        )
        self.effects.append(Listen(expectation, self.state.question))

    def _forget(self, names: Sequence[str]) -> None:
        slots = {name: value for name, value in self.state.slots.items() if name not in names}
        self.state = replace(self.state, slots=slots, confirmed=self.state.confirmed.difference(names))

    def _start(self, timer: str, ms: int) -> None:
        self.effects.append(StartTimer(timer, ms))

    def _cancel(self, timer: str) -> None:
        self.effects.append(CancelTimer(timer))

    # ------------------------------------------------------------------ leaving

    def _bring_human(self, reason: str) -> None:
        texts = self.bot.prompts.handoff
        text = texts.get(reason, texts["default"])
        if self.state.closed:  # nobody is there to be put through to
            text = texts.get("closed", text)
        self._leave(f"handoff.{reason}", text, self._transfer(reason))

    def _transfer(self, reason: str) -> Transfer:
        return Transfer(self.bot.queue, reason, self.state.intent, self.state.slots)

    def _say_goodbye(self) -> None:
        outcome = "abandoned" if self.bot.begins_with else "contained"  # they leave before its end
        self._leave("goodbye", self.bot.prompts.goodbye, HangUp(outcome))

    def _leave(self, name: str, text: str, way_out: Transfer | HangUp) -> None:
        self._cancel(NO_INPUT)
        if not any(isinstance(effect, Say) for effect in self.effects):  # what was just decided is still said
            self.effects.append(StopSpeaking())
        self._say(name, text, interruptible=False)
        self._start(LEAVING, LEAVING_MS)
        self.state = replace(
            self.state, phase="leaving", last_words=self.state.prompts, words_over=False, exit=way_out
        )

    def _exit(self) -> None:
        assert self.state.exit is not None
        self._cancel(LEAVING)
        self.effects.append(self.state.exit)
        self.state = replace(self.state, phase="ended")

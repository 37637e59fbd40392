"""A decision in the making: the state so far, the effects so far, and the ways to add to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from voicebot.dialogue.bot import Bot
from voicebot.dialogue.escalation import Treatment
from voicebot.dialogue.frustration import Sign, Temper
from voicebot.dialogue.state import Phase, State
from voicebot.dialogue.steps import ConfirmSpec
from voicebot.events import (
    AnalyseVoice,
    CancelTimer,
    Effect,
    HangUp,
    Listen,
    NoteFrustration,
    Say,
    StartTimer,
    StopSpeaking,
    TakeBack,
    Transfer,
)
from voicebot.expectation import Expectation

FRUSTRATED = "frustrated"
NO_INPUT = "no_input"
BUSY = "busy"
LEAVING = "leaving"
LEAVING_MS = 25_000
"""Longest wait for the last prompt; the disclosure (about 10 s) may still be playing before it."""


_GONE = ("leaving", "ended")


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

    def _bring_human(self, reason: str, subject: str = "") -> None:
        """Say so and transfer; `subject` is what the risk is about, when that is the reason."""
        texts = self.bot.prompts.handoff
        usual = self.bot.escalation.apology if reason == FRUSTRATED else texts["default"]
        text = texts.get(subject) or texts.get(reason, usual)
        if self.state.closed:  # nobody is there to be put through to
            text = texts.get("closed", text)
        self._leave(f"handoff.{reason}", text, self._transfer(reason, subject))

    def _transfer(self, reason: str, subject: str = "") -> Transfer:
        treatments = self.bot.escalation.treatment
        treatment = treatments.get(subject) or treatments.get(reason, Treatment())
        return Transfer(
            treatment.queue or self.bot.queue,
            reason,
            self.state.intent,
            self.state.slots,
            (*self.state.temper.evidence, *self._proof(reason, subject)),
            treatment.skill,
            treatment.priority,
        )

    def _proof(self, reason: str, subject: str) -> tuple[str, ...]:
        """Return what shows that this reason holds, where its name does not tell it all."""
        state = self.state
        match reason:
            case "not_understood" if state.no_matches:
                return (f"werd {state.no_matches} keer achter elkaar niet begrepen",)
            case "no_input":
                return (f"zei {state.no_inputs} keer achter elkaar niets",)
            case "hard_to_hear":
                return (f"was {state.unsure_in_a_row} keer achter elkaar slecht te verstaan",)
            case "time_limit":
                return (f"is langer dan {self.bot.limits.call_minutes} minuten aan de lijn",)
            case "risk":
                return (f"noemde een gevoelig onderwerp: {subject.replace('_', ' ')}",)
        return ()

    def _sign(self, *signs: Sign) -> bool:
        """Count signs of lost patience; return whether they were so many that a human comes now."""
        return self._feel(self.state.temper.after(*signs))

    def note_frustration(self) -> None:
        """Let the log tell how patient the caller is."""
        temper = self.state.temper
        self.effects.append(NoteFrustration(round(temper.level, 2), temper.evidence))

    def _feel(self, temper: Temper) -> bool:
        """Take over how patient the caller is; return whether that is so little that a human comes now."""
        self.state = replace(self.state, temper=temper)
        self.note_frustration()
        gone = temper.level >= self.bot.escalation.frustrated and self.state.phase not in _GONE
        if gone:
            self._bring_human(FRUSTRATED)
        return gone

    def _say_goodbye(self) -> None:
        outcome = "abandoned" if self.bot.begins_with else "contained"  # they leave before its end
        self._leave("goodbye", self.bot.prompts.goodbye, HangUp(outcome))

    def _leave(self, name: str, text: str, way_out: Transfer | HangUp) -> None:
        self._cancel(NO_INPUT)
        if self.state.analysis == "on":  # whatever comes now is not for the bot
            self.effects.append(AnalyseVoice(False))
        elif self.state.analysis == "told":  # and need not be told of it any more
            self.effects.append(TakeBack(self.state.notice - 1, self.state.requests))
            self.state = replace(self.state, analysis="off")
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

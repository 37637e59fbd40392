"""The pure engine: (bot, state, event) -> (state, effects). No clock, no I/O, no chance.

A call walks through phases: ``opening`` (nothing asked for yet), ``asking`` (a slot's question is open),
``waiting`` (for a back-end), ``closing`` ("anything else?"), ``leaving`` (the last words are being spoken;
then a human or the end) and ``ended``. Until then, asking for a human brings one in every phase.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from voicebot.dialogue.bot import AskSpec, Bot, CallSpec, HandoffSpec, RetrySpec, SaySpec
from voicebot.dialogue.state import Phase, State
from voicebot.events import (
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallerHungUp,
    CallStarted,
    CancelTimer,
    Effect,
    Event,
    Expectation,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    PromptFinished,
    PromptInterrupted,
    Say,
    SpeechStarted,
    StartTimer,
    StopSpeaking,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    Value,
)

NO_INPUT = "no_input"
LEAVING = "leaving"
CALL_LIMIT = "call_limit"
MOST_NOISES = 2
"""Sounds without words that one question forgives; more of them count as silence."""
LEAVING_MS = 20_000
"""Longest wait for the last prompt; the disclosure (about 10 s) may still be playing before it."""

HUMAN, YES, NO, GOODBYE, THANKS, INFORM = "human", "yes", "no", "goodbye", "thanks", "inform"
"""Intents that every bot understands (see `voicebot.understanding`)."""


def decide(bot: Bot, state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """Return the next state, and what to do now. The same input always gives the same output."""
    decision = _Decision(bot, _listened(state, event))
    if state.phase == "ended":
        pass
    elif state.phase == "leaving":
        decision.leave_on(event)
    else:
        decision.answer(event)
    return decision.state, tuple(decision.effects)


def _listened(state: State, event: Event) -> State:
    """Keep track of whether the caller is speaking."""
    match event:
        case SpeechStarted():
            return replace(state, speaking=True)
        case UtteranceEnded():
            return replace(state, speaking=False)
    return state


class _Decision:
    """One decision in the making: the state so far and the effects so far."""

    def __init__(self, bot: Bot, state: State) -> None:
        self.bot = bot
        self.state = state
        self.effects: list[Effect] = []

    # ------------------------------------------------------------------ events

    def answer(self, event: Event) -> None:
        match event:
            case CallStarted():
                self._start(CALL_LIMIT, self.bot.limits.call_minutes * 60_000)
                self._say("disclosure", self.bot.prompts.disclosure, interruptible=False)
                self._ask_open("opening", self.bot.prompts.opening)
            case IntentRecognised(intent=intent) if intent == HUMAN:
                self._bring_human("asked_for_human")
            case KeyPressed(key="0"):
                self._bring_human("asked_for_human")
            case TimerExpired(timer=timer) if timer == CALL_LIMIT:
                self._bring_human("time_limit")
            case FaultOccurred(part="speaking"):  # there is no voice to say it with
                self.state = replace(self.state, exit=self._transfer("fault"))
                self._exit()
            case FaultOccurred():
                self._bring_human("fault")
            case CallerHungUp():
                self.state = replace(self.state, phase="ended")
            case PromptInterrupted(prompt=prompt):
                self.state = replace(self.state, interrupted=True)
                if prompt == self.state.question:  # whoever interrupts and then is silent is not forgotten
                    self._start(NO_INPUT, self.bot.limits.no_input_after_ms)
            case BackendReplied() | BackendFailed() if self.state.phase == "waiting":
                self._hear_backend(event)
            case _ if self.state.phase != "waiting":
                self._listen_to(event)

    def leave_on(self, event: Event) -> None:
        """Go when the last words are over, or cannot be spoken."""
        match event:
            case CallerHungUp():
                self.state = replace(self.state, phase="ended")
            case PromptFinished(prompt=prompt) if prompt == self.state.last_words:
                self.state = replace(self.state, words_over=True)
                if not (self._hangs_up and self.state.speaking):
                    self._exit()
            case FaultOccurred() | TimerExpired(timer="leaving"):
                if self._hangs_up:  # the goodbye went wrong, so no hang-up was earned
                    self.state = replace(self.state, exit=self._transfer("fault"))
                self._exit()
            case _ if self._hangs_up:
                self._hear_after_goodbye(event)

    def _hear_after_goodbye(self, event: Event) -> None:
        """Stay for a caller who speaks during the goodbye and wants something."""
        match event:
            case KeyPressed(key="0"):
                self._bring_human("asked_for_human")
            case IntentRecognised(intent=intent) if intent == HUMAN:
                self._bring_human("asked_for_human")
            case IntentRecognised(intent=intent, slots=slots) if intent in self.bot.flows:
                self._cancel(LEAVING)
                self.effects.append(StopSpeaking())
                self.state = replace(self.state, phase="closing", exit=None)
                self._understand(intent, slots)
            case UtteranceEnded(text="") | IntentRecognised() | IntentNotRecognised() if (
                self.state.words_over
            ):
                self._exit()

    @property
    def _hangs_up(self) -> bool:
        return isinstance(self.state.exit, HangUp)

    def _listen_to(self, event: Event) -> None:
        """Take what the caller does while a question is open."""
        match event:
            case PromptFinished(prompt=prompt) if prompt == self.state.question:
                self._start(NO_INPUT, self.bot.limits.no_input_after_ms)
            case SpeechStarted() | KeyPressed(key="digit"):
                self._cancel(NO_INPUT)
            case KeyPressed():  # a star or a hash by itself: nothing was asked for that it answers
                self._repeat_question()
            case UtteranceEnded(text=""):
                self._nothing_said()
            case IntentRecognised(intent=intent, slots=slots):
                self._cancel(NO_INPUT)
                self._understand(intent, slots)
            case KeysEntered(slots=slots):
                self._cancel(NO_INPUT)
                self._understand(INFORM, slots) if slots else self._no_match()
            case IntentNotRecognised():
                self._cancel(NO_INPUT)
                self._no_match()
            case TimerExpired(timer=timer) if timer == NO_INPUT:
                self._no_input()

    # ------------------------------------------------------------------ understanding

    def _understand(self, intent: str, slots: Mapping[str, Value]) -> None:
        phase = self.state.phase
        if intent in self.bot.flows:
            self._begin(intent, slots)
        elif slots and self.state.todo:
            self._fill(slots)
            self._advance()
        elif intent == GOODBYE or (phase == "closing" and intent in (NO, THANKS)):
            self._say_goodbye()
        elif phase == "closing" and intent == YES:
            self._fill({})
            self._ask_open("opening", self.bot.prompts.opening)
        else:
            self._no_match()

    def _begin(self, intent: str, slots: Mapping[str, Value]) -> None:
        """Start the flow of an intent; the same wish again, with nothing new, is a failed try."""
        flow = self.bot.flows[intent]
        if intent == self.state.intent and self.state.todo and not slots:
            self._no_match()
            return
        if intent == self.state.intent and not self.state.todo:  # again: about something else, so ask anew
            self._forget([step.ask for step in flow if isinstance(step, AskSpec)])
        self.state = replace(self.state, intent=intent, todo=flow)
        self._fill(slots)
        self._advance()

    def _fill(self, slots: Mapping[str, Value]) -> None:
        """Keep what was heard; something understood ends the counting of failed tries."""
        self.state = replace(
            self.state,
            slots={**self.state.slots, **slots},
            no_matches=0,
            no_inputs=0,
            noises=0,
            interrupted=False,
        )

    def _forget(self, names: Sequence[str]) -> None:
        slots = {name: value for name, value in self.state.slots.items() if name not in names}
        self.state = replace(self.state, slots=slots)

    # ------------------------------------------------------------------ flows

    def _advance(self) -> None:
        """Walk the flow until it waits for someone."""
        while self.state.todo:
            step, rest = self.state.todo[0], self.state.todo[1:]
            match step:
                case SaySpec(say=text):
                    self.state = replace(self.state, todo=rest)
                    self._say(f"{self.state.intent}.say", text)
                case AskSpec(ask=slot) if slot in self.state.slots:
                    self.state = replace(self.state, todo=rest)
                case AskSpec(ask=slot):
                    self._ask_slot(slot, self.bot.slots[slot].question)
                    return
                case CallSpec(call=action):
                    self._call(action)
                    return
                case RetrySpec():
                    self._again(step)
                    if self.state.phase == "leaving":
                        return
                case HandoffSpec(handoff=reason):
                    self._bring_human(reason)
                    return
        self._ask_open("closing", self.bot.prompts.anything_else)

    def _call(self, action: str) -> None:
        request = self.state.requests + 1
        self.state = replace(self.state, phase="waiting", requests=request, asking=None, question=0)
        arguments = {name: self.state.slots[name] for name in self.bot.actions[action].arguments}
        self.effects.append(CallBackend(request, action, arguments))

    def _hear_backend(self, reply: BackendReplied | BackendFailed) -> None:
        if reply.request != self.state.requests:
            return
        call = self.state.todo[0]
        if isinstance(reply, BackendFailed) or not isinstance(call, CallSpec) or reply.outcome not in call.on:
            self._bring_human("backend_failed")
            return
        self.state = replace(
            self.state,
            facts={**self.state.facts, **reply.facts},
            todo=call.on[reply.outcome] + self.state.todo[1:],
        )
        self._advance()

    def _again(self, step: RetrySpec) -> None:
        intent = self.state.intent
        tries = self.state.retries.get(intent, 0)
        if tries >= step.limit:
            self._bring_human(step.reason)
            return
        if step.say:
            self._say(f"{intent}.retry", step.say)
        self._forget(step.retry)
        retries = {**self.state.retries, intent: tries + 1}
        self.state = replace(self.state, todo=self.bot.flows[intent], retries=retries)

    # ------------------------------------------------------------------ the ladder

    def _no_match(self) -> None:
        misses = self.state.no_matches + 1
        self.state = replace(self.state, no_matches=misses)
        if misses >= self.bot.limits.no_match:
            self._bring_human("not_understood")
        else:
            self._say("no_match", self.bot.prompts.no_match)
            self._repeat_question()

    def _no_input(self) -> None:
        misses = self.state.no_inputs + 1
        self.state = replace(self.state, no_inputs=misses)
        if misses >= self.bot.limits.no_input:
            self._bring_human("no_input")
        else:
            self._say("no_input", self.bot.prompts.no_input)
            self._repeat_question()

    def _nothing_said(self) -> None:
        """Forgive a cough or a noise: no try of the caller's. Ask again if it broke off the question."""
        self.state = replace(self.state, noises=self.state.noises + 1)
        if self.state.noises > MOST_NOISES:
            self._no_input()
        elif self.state.interrupted:
            self._repeat_question()
        else:
            self._start(NO_INPUT, self.bot.limits.no_input_after_ms)

    def _repeat_question(self) -> None:
        if self.state.asking:
            self._ask_slot(self.state.asking, self.bot.slots[self.state.asking].hint)
        elif self.state.phase == "closing":
            self._ask_open("closing", self.bot.prompts.anything_else)
        else:
            self._ask_open("opening", self.bot.prompts.opening)

    # ------------------------------------------------------------------ leaving

    def _bring_human(self, reason: str) -> None:
        texts = self.bot.prompts.handoff
        self._leave(f"handoff.{reason}", texts.get(reason, texts["default"]), self._transfer(reason))

    def _transfer(self, reason: str) -> Transfer:
        return Transfer(self.bot.queue, reason, self.state.intent, self.state.slots)

    def _say_goodbye(self) -> None:
        self._leave("goodbye", self.bot.prompts.goodbye, HangUp("contained"))

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

    # ------------------------------------------------------------------ effects

    def _say(self, name: str, template: str, *, interruptible: bool = True) -> None:
        self.state = replace(self.state, prompts=self.state.prompts + 1)
        known = {**self.state.facts, **self.state.slots}
        values = {place: value for place, value in known.items() if f"{{{place}}}" in template}
        self.effects.append(Say(self.state.prompts, name, template, values, interruptible))

    def _ask_slot(self, slot: str, text: str) -> None:
        spec = self.bot.slots[slot]
        self._say(f"ask.{slot}", text)
        self._open_question("asking", slot, Expectation(slot, spec.type, spec.length))

    def _ask_open(self, phase: Literal["opening", "closing"], text: str) -> None:
        self.state = replace(self.state, todo=())
        self._say(phase, text)
        self._open_question(phase, None, Expectation())

    def _open_question(self, phase: Phase, slot: str | None, expectation: Expectation) -> None:
        self.state = replace(
            self.state, phase=phase, asking=slot, question=self.state.prompts, interrupted=False
        )
        self.effects.append(Listen(expectation))

    def _start(self, timer: str, ms: int) -> None:
        self.effects.append(StartTimer(timer, ms))

    def _cancel(self, timer: str) -> None:
        self.effects.append(CancelTimer(timer))

"""The pure engine: (bot, state, event) -> (state, effects). No clock, no I/O, no chance.

A call walks through phases: ``opening`` (nothing asked for yet), ``asking`` (a slot's question is open),
``waiting`` (for a back-end), ``closing`` ("anything else?"), ``rating`` (the survey), ``leaving`` (the last
words are being spoken; then a human or the end) and ``ended``. Until then, asking for a human brings one in
every phase.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from voicebot.dialogue.asides import ASIDES, Aside
from voicebot.dialogue.bot import Bot
from voicebot.dialogue.draft import BUSY, LEAVING, NO_INPUT
from voicebot.dialogue.frustration import Sign
from voicebot.dialogue.noticing import REFUSAL_KEY, Noticing, listened
from voicebot.dialogue.rethinking import remembering, taken_back
from voicebot.dialogue.state import State
from voicebot.dialogue.steps import (
    AskSpec,
    CallSpec,
    ConfirmSpec,
    FinishSpec,
    HandoffSpec,
    RetrySpec,
    SaySpec,
    Step,
)
from voicebot.events import (
    AnalyseVoice,
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallerHungUp,
    CallStarted,
    Effect,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    PromptFinished,
    PromptInterrupted,
    SpeechContinued,
    SpeechStarted,
    StopSpeaking,
    SupervisorAsked,
    TimerExpired,
    UtteranceEnded,
    WarningHeard,
)
from voicebot.values import Value

CALL_LIMIT = "call_limit"
BUSY_MS = 800
"""Longest silence while a company's system thinks."""

HUMAN, YES, NO, GOODBYE, THANKS, INFORM = "human", "yes", "no", "goodbye", "thanks", "inform"
"""Intents that every bot understands (see `voicebot.understanding`), beside those about the talk itself."""


def decide(bot: Bot, state: State, event: Event) -> tuple[State, tuple[Effect, ...]]:
    """Return the next state, and what to do now. The same input always gives the same output."""
    if isinstance(event, SpeechContinued):
        return taken_back(state)
    decision = _Decision(bot, listened(state, event))
    if decision.state.temper != state.temper:
        decision.note_frustration()
    if state.phase == "ended":
        pass
    elif isinstance(event, SupervisorAsked):
        decision.obey(event)
    elif state.phase == "leaving":
        decision.leave_on(event)
    else:
        decision.answer(event)
    return remembering(decision.state, state, event), tuple(decision.effects)


class _Decision(Noticing):
    """One decision in the making: what to do about an event."""

    # ------------------------------------------------------------------ events

    def answer(self, event: Event) -> None:
        if self._notices(event):
            return
        match event:
            case CallStarted():
                self._open_call(event)
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
            case PromptInterrupted(prompt=prompt, heard_ms=heard_ms):
                if heard_ms and not self.state.interrupted and self._sign(Sign.INTERRUPTION):
                    return
                self.state = replace(self.state, interrupted=True)
                if prompt == self.state.question:  # whoever interrupts and then is silent is not forgotten
                    self._start(NO_INPUT, self.bot.limits.no_input_after_ms)
            case TimerExpired(timer=timer) if timer == BUSY and self.state.phase == "waiting":
                self._say_busy()
            case BackendReplied() | BackendFailed() if self.state.phase == "waiting":
                self._hear_backend(event)
            case IntentRecognised(intent=intent, slots=slots) if (
                self.state.phase == "rating" and intent in self.bot.flows
            ):
                self._cancel(NO_INPUT)
                self._understand(intent, slots)
            case _ if self.state.phase == "rating":
                self._hear_rating(event)
            case _ if self.state.phase != "waiting":
                self._listen_to(event)

    def _open_call(self, call: CallStarted) -> None:
        self._start(CALL_LIMIT, self.bot.limits.call_minutes * 60_000)
        self._say("disclosure", self.bot.prompts.disclosure, interruptible=False)
        self.state = replace(self.state, closed=call.closed)
        if call.vip:
            self._bring_human("vip")
            return
        self._watch()
        if call.caller:
            known = [name for name, spec in self.bot.slots.items() if spec.from_caller]
            self._fill(dict.fromkeys(known, call.caller))
        if self.bot.begins_with:
            self._begin(self.bot.begins_with, {})
        else:
            self._ask_open("opening", self.bot.prompts.opening)

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
            case KeyPressed(key=key) if key == REFUSAL_KEY:
                self._stop_analysis()
            case WarningHeard():
                self._heed(event)
            case IntentRecognised(intent=intent) if intent == HUMAN:
                self._bring_human("asked_for_human")
            case IntentRecognised(intent=intent, slots=slots) if self._stays_for(intent):
                self._cancel(LEAVING)
                if self.state.analysis == "on":
                    self.effects.append(AnalyseVoice(True))
                self.effects.append(StopSpeaking())
                self.state = replace(self.state, phase="closing", exit=None)
                self._understand(intent, slots)
            case (
                UtteranceEnded(text="")
                | UtteranceEnded(passed_over=True)
                | IntentRecognised()
                | IntentNotRecognised()
            ) if self.state.words_over:
                self._exit()

    @property
    def _hangs_up(self) -> bool:
        return isinstance(self.state.exit, HangUp)

    def _listen_to(self, event: Event) -> None:
        """Take what the caller does while a question is open."""
        match event:
            case PromptFinished(prompt=prompt) if prompt == self.state.question:
                self._await_answer()
            case SpeechStarted() | KeyPressed(key="digit"):
                self._cancel(NO_INPUT)
            case KeyPressed(key="*"):
                self._cancel(NO_INPUT)
                self._take_aside(Aside.REPEAT)
            case KeyPressed():  # a hash by itself: nothing was asked for that it answers
                self._repeat_question()
            case UtteranceEnded(passed_over=True):
                if self.state.patient:  # over "take your time", after which no question's end starts the wait
                    self._await_answer()
            case UtteranceEnded(text=""):
                self._nothing_said()
            case IntentRecognised(intent=intent, slots=slots):
                self._cancel(NO_INPUT)
                self._understand(intent, slots)
            case KeysEntered(slots=slots, intent=intent):
                self._cancel(NO_INPUT)
                self._understand(intent or INFORM, slots) if intent or slots else self._no_match()
            case IntentNotRecognised():
                self._cancel(NO_INPUT)
                self._no_match()
            case TimerExpired(timer=timer) if timer == NO_INPUT:
                self._no_input()

    # ------------------------------------------------------------------ understanding

    def _understand(self, intent: str, slots: Mapping[str, Value]) -> None:
        phase = self.state.phase
        if slots and self._is_hard_to_hear():
            self._bring_human("hard_to_hear")
            return
        if self._confirming and (intent in (YES, NO) or self._confirming.confirm in slots):
            self._hear_whether_right(self._confirming, intent, slots)
        elif intent in self.bot.flows:
            self._begin(intent, slots)
        elif slots and self.state.todo:
            self._fill(slots)
            self._advance()
        elif intent == GOODBYE or (phase == "closing" and intent in (NO, THANKS)):
            self._end_talk()
        elif phase == "closing" and intent in (YES, Aside.GREETING):
            self._fill({})
            self._ask_open("opening", self.bot.prompts.opening)
        elif intent == NO and self.bot.begins_with:  # what this bot is for is not wanted
            self._bring_human("declined")
        elif intent in ASIDES:
            self._take_aside(intent)
        else:
            self._no_match()

    def _begin(self, intent: str, slots: Mapping[str, Value]) -> None:
        """Start the flow of an intent; the same wish again, with nothing new, is a failed try."""
        flow = self.bot.flows[intent]
        if intent == self.state.intent and self.state.todo and not slots:
            self._no_match()
            return
        if self.state.todo and intent != self.state.intent and _only_tells(flow):
            self._digress(intent, flow, slots)
            return
        if intent == self.state.intent and not self.state.todo:  # again: about something else, so ask anew
            self._forget([step.ask for step in flow if isinstance(step, AskSpec)])
        self.state = replace(self.state, intent=intent, todo=flow, told=())
        self._fill(slots)
        self._advance()

    def _digress(self, intent: str, flow: tuple[Step, ...], slots: Mapping[str, Value]) -> None:
        """Answer a question in between, and return to the open one, unless that was answered too."""
        self._fill(slots)
        for step in flow:
            assert isinstance(step, SaySpec)
            self._say(f"{intent}.say", step.say)
        if slots:
            self._advance()
        else:
            self._repeat_question()

    def _fill(self, slots: Mapping[str, Value]) -> None:
        """Keep what was heard; something understood ends the counting of failed tries."""
        unsure = slots if self.state.certainty < self.bot.limits.sure else ()
        self.state = replace(
            self.state,
            slots={**self.state.slots, **slots},
            confirmed=self.state.confirmed.difference(slots),
            unsure=self.state.unsure.difference(slots).union(unsure),
            no_matches=0,
            no_inputs=0,
            noises=0,
            asides=0,
            interrupted=False,
        )

    # ------------------------------------------------------------------ confirming

    def _is_to_confirm(self, step: ConfirmSpec) -> bool:
        state, slot = self.state, step.confirm
        if slot not in state.slots or slot in state.confirmed:
            return False
        return step.when == "always" or slot in state.unsure

    def _hear_whether_right(self, step: ConfirmSpec, intent: str, slots: Mapping[str, Value]) -> None:
        if intent == YES and step.confirm not in slots:
            self._fill(slots)
            confirmed = self.state.confirmed | {step.confirm}
            self.state = replace(self.state, confirmed=confirmed, unsure_in_a_row=0)
            self._advance()
        else:
            self._correct(step, slots)

    def _correct(self, step: ConfirmSpec, slots: Mapping[str, Value]) -> None:
        """Take another value instead, or ask for it: where the flow does so next, else here."""
        wrong = f"confirm.{step.confirm}"
        tries = self.state.retries.get(wrong, 0) + 1
        if tries > step.limit:
            self._bring_human("not_understood")
            return
        if self._sign(Sign.WRONG):
            return
        self._forget([step.confirm])
        self._fill(slots)
        ask, rest = AskSpec(ask=step.confirm), self.state.todo[1:]
        todo = rest if ask in rest else (ask, step, *rest)
        self.state = replace(self.state, todo=todo, retries={**self.state.retries, wrong: tries})
        self._advance()

    # ------------------------------------------------------------------ flows

    def _advance(self) -> None:
        """Walk the flow until it waits for someone."""
        while self.state.todo:
            step, rest = self.state.todo[0], self.state.todo[1:]
            match step:
                case SaySpec(say=text):
                    self.state = replace(self.state, todo=rest, told=(*self.state.told, text))
                    self._say(f"{self.state.intent}.say", text)
                case AskSpec(ask=slot) if slot in self.state.slots:
                    self.state = replace(self.state, todo=rest)
                case AskSpec(ask=slot):
                    self._ask_slot(slot, self.bot.slots[slot].question)
                    return
                case ConfirmSpec() if not self._is_to_confirm(step):
                    self.state = replace(self.state, todo=rest)
                case ConfirmSpec(say=text):
                    self._ask_whether_right(step, text)
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
                case FinishSpec(finish=outcome, say=text):
                    self._leave("finish", text, HangUp(outcome))
                    return
        self._ask_open("closing", self.bot.prompts.anything_else)

    def _call(self, action: str) -> None:
        request = self.state.requests + 1
        self.state = replace(self.state, phase="waiting", requests=request, asking=None, question=0)
        spec = self.bot.actions[action]
        arguments = {name: self.state.slots[name] for name in spec.arguments}
        self.effects.append(CallBackend(request, action, arguments, spec.only_reads))
        self._start(BUSY, BUSY_MS)

    def _say_busy(self) -> None:
        """Fill the silence, but not with the same twice in a row."""
        if self.state.filler != self.state.prompts:
            self._say("still_busy", self.bot.prompts.still_busy)
            self.state = replace(self.state, filler=self.state.prompts)

    def _hear_backend(self, reply: BackendReplied | BackendFailed) -> None:
        if reply.request != self.state.requests:
            return
        self._cancel(BUSY)
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
        if self._sign(Sign.DENIED):
            return
        if step.say:
            self._say(f"{intent}.retry", step.say)
        self._forget(step.retry)
        retries = {**self.state.retries, intent: tries + 1}
        self.state = replace(self.state, todo=self.bot.flows[intent], retries=retries, told=())


def _only_tells(flow: tuple[Step, ...]) -> bool:
    return all(isinstance(step, SaySpec) for step in flow)

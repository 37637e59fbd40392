"""One call, from answer to end. Read this file first.

Frames come in from the `CallTransport` and go to the ear (`Listener`). What the ear, the keys, the mouth
(`Speaker`, `Player`), the back-end and the timers tell is a stream of events. Each event is noted in the
call's log and given to the pure engine; the effects it answers with are carried out here. That is all.

The caller's safety net is that leaving the line in any way other than an earned hang-up makes the dialplan
go on to the human queue. So whatever raises here ends with a human.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

import structlog

from voicebot import __version__
from voicebot.dialogue import State, decide
from voicebot.errors import StalledError
from voicebot.events import (
    AnalyseVoice,
    BackendFailed,
    BackendReplied,
    CallBackend,
    CallEnded,
    CallerHungUp,
    CallStarted,
    CancelTimer,
    ContextDelivered,
    Effect,
    Entry,
    Event,
    FaultOccurred,
    HangUp,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    Listen,
    Message,
    PromptFinished,
    PromptInterrupted,
    PromptStarted,
    Say,
    SpeechContinued,
    StartTimer,
    StopSpeaking,
    TakeBack,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)
from voicebot.expectation import Expectation
from voicebot.handover import HandoverContext
from voicebot.hearing import Floor, KeyCollector, Listener, Recogniser
from voicebot.house import House
from voicebot.mood import Analyst
from voicebot.speaking import Player, Speaker
from voicebot.telephony import AudioReceived, CallTransport, KeyReceived, LineClosed
from voicebot.understanding import phone_number
from voicebot.values import Personal, Value

BACKEND_TIMEOUT_S = 5.0
"""A caller waits no longer than this for a company system."""
CONTROL_TIMEOUT_S = 1.0
"""Nor than this for Asterisk's word, whatever way it is asked."""
STALL_S = 75.0
"""In every call something happens so often, for who asks for a moment gets a minute; else a part hangs."""

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Call:
    """One caller on the line."""

    def __init__(self, line: CallTransport, house: House) -> None:
        self._line = line
        self._house = house
        self._state = State()
        self._expectation = Expectation()
        self._inbox: deque[Event] = deque()
        self._deciding = False
        self._messages: list[Message] = []
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._requests: dict[int, asyncio.Task[None]] = {}
        self._exit: asyncio.Future[Transfer | HangUp | None] = asyncio.get_running_loop().create_future()
        self._started = self._progressed = asyncio.get_running_loop().time()
        self._frames_received = 0
        self._handover = HandoverContext(line.call_id, house.clock.run, house.prepare)
        self._half_said = ""
        """What the caller said last, if it was nothing by itself: keys may be the rest of it."""

        self._ear = Listener(
            Recogniser(house.model), house.clock.run, self.tell, self._give_floor, house.understanding
        )
        self._analyst = Analyst(house.clock.run, self.tell)
        self._keys = KeyCollector(self._hear_key, self._hear_number)
        self._player = Player(line.send, self._follow_prompt, self._ear.bot_frame)
        self._mouth = Speaker(
            self._player, house.synthesiser, house.voice, house.clock.run, house.bot.respell
        )

    async def run(self) -> CallEnded:
        """Serve the caller; returns when our part is over. Never hangs up unless that was earned."""
        try:
            self._start("speaking", self._player.run())
            self._start("speaking", self._mouth.run())
            self._start("hearing", self._ear.run())
            self._start("telephony", self._receive())
            self._start("progress", self._watch_progress())
            self.tell(await self._introduction())
            ended = await self._leave(await self._exit)
            self._log(ended)
        except BaseException:
            self._line.close()
            raise
        else:
            return ended
        finally:
            for timer in self._timers.values():
                timer.cancel()
            self._analyst.switch_off()
            self._keys.close()
            self._handover.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def tell(self, event: Event) -> None:
        """Note an event, let the engine decide, carry that out. Events told meanwhile wait their turn."""
        self._inbox.append(event)
        if self._deciding:
            return
        self._deciding = True
        try:
            while self._inbox:
                self._take(self._inbox.popleft())
        finally:
            self._deciding = False

    # ------------------------------------------------------------------ deciding

    def _take(self, event: Event) -> None:
        self._progressed = asyncio.get_running_loop().time()
        self._log(event)
        try:
            self._state, effects = decide(self._house.bot, self._state, event)
            for effect in effects:
                self._log(effect)
                self._carry_out(effect)
            if isinstance(self._state.exit, Transfer):
                self._handover.begin(self._state.exit, self._messages)
            match event:
                case UtteranceEnded(text=text, passed_over=False) if text:
                    self._hear_words(event)
                case SpeechContinued():
                    self._analyst.take_back()
        except Exception as error:
            self._fail("engine", error)

    def _hear_words(self, said: UtteranceEnded) -> None:
        """Tell what was meant, and how it sounded; who is keying meanwhile has not finished."""
        self._analyst.hear(self._ear.last_utterance, said.started_ms, said.ended_ms)
        if warnings := self._house.understanding.warnings(said.text):
            self._inbox.append(WarningHeard(warnings.irritation, warnings.risk, warnings.refuses))
        meant = self._meaning(replace(said, text=warnings.rest))
        if warnings.refuses and isinstance(meant, IntentNotRecognised):
            meant = IntentRecognised("no_analysis", 1.0)
        self._half_said = said.text if isinstance(meant, IntentNotRecognised) else ""
        if not (self._half_said and self._keys.pending):
            self._inbox.append(meant)

    def _meaning(self, said: UtteranceEnded) -> IntentRecognised | IntentNotRecognised:
        meaning = self._house.understanding.understand(said.text, self._expectation)
        if meaning.intent is None:
            return IntentNotRecognised()
        telling = (word.certainty for word in said.words if word.text not in meaning.beside)
        slots = self._guard(meaning.slots)
        return IntentRecognised(meaning.intent, meaning.confidence, slots, min(telling, default=1.0))

    def _guard(self, slots: Mapping[str, str]) -> Mapping[str, Value]:
        """Make what identifies a person opaque."""
        specs = self._house.bot.slots
        personal = {name for name, spec in specs.items() if spec.personal}
        return {name: Personal(name, text) if name in personal else text for name, text in slots.items()}

    def _log(self, message: Message) -> None:
        self._messages.append(message)
        try:
            self._house.note(Entry(self._line.call_id, len(self._messages), self._elapsed_ms(), message))
        except Exception as error:  # a caller is worth more than a line in a log
            log.error("not noted", call=self._line.call_id, error=type(error).__name__)

    def _elapsed_ms(self) -> int:
        return round(1000 * (asyncio.get_running_loop().time() - self._started))

    # ------------------------------------------------------------------ carrying out

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Say():
                self._mouth.say(effect)
            case StopSpeaking():
                self._mouth.stop()
            case Listen(expectation=expectation, question=question):
                self._expectation = expectation
                self._ear.expect(expectation, question)
                self._keys.expect(expectation)
            case CallBackend():
                self._requests[effect.request] = self._start("backend", self._ask_backend(effect))
            case TakeBack(prompt=prompt, request=request):
                self._mouth.take_back(prompt)
                for number in [number for number in self._requests if number > request]:
                    self._requests.pop(number).cancel()
            case StartTimer(timer=name, ms=ms):
                self._cancel_timer(name)
                loop = asyncio.get_running_loop()
                self._timers[name] = loop.call_later(ms / 1000, self.tell, TimerExpired(name))
            case CancelTimer(timer=name):
                self._cancel_timer(name)
            case AnalyseVoice(on=on):
                self._analyst.switch_on(self._elapsed_ms()) if on else self._analyst.switch_off()
            case Transfer() | HangUp():
                self._end(effect)

    def _cancel_timer(self, name: str) -> None:
        if timer := self._timers.pop(name, None):
            timer.cancel()

    async def _ask_backend(self, request: CallBackend) -> None:
        while not request.only_reads and (ms := self._ear.open_ms):  # until the caller has surely finished
            await asyncio.sleep(ms / 1000)
        arguments = {
            name: value.value if isinstance(value, Personal) else str(value)
            for name, value in request.arguments.items()
        }
        work = partial(self._house.do, self._line.call_id, request.action, arguments)
        try:
            async with asyncio.timeout(BACKEND_TIMEOUT_S):
                reply = await self._house.clock.run(work)
        except TimeoutError:
            self.tell(BackendFailed(request.request, "timeout"))
        except Exception as error:
            log.warning("backend failed", action=request.action, error=type(error).__name__)
            self.tell(BackendFailed(request.request, "error"))
        else:
            self.tell(BackendReplied(request.request, reply.outcome, reply.facts))

    # ------------------------------------------------------------------ the senses

    async def _introduction(self) -> CallStarted:
        bot, clock = self._house.bot, self._house.clock
        told = await _answer(self._house.control.caller_number(self._line.call_id), None)
        number = phone_number(told or "")
        vips = {phone_number(vip) for vip in bot.escalation.vip}
        return CallStarted(
            call_id=self._line.call_id,
            bot=bot.name,
            bot_version=bot.version,
            code_version=__version__,
            started_at=clock.now().isoformat(timespec="seconds"),
            caller=Personal("caller_number", number) if number else None,
            purpose=bot.begins_with or "",
            closed=not bot.queues[bot.queue].is_open(clock.now()),
            vip=number is not None and number in vips,
            topics={name: intent.label for name, intent in bot.intents.items()},
        )

    async def _receive(self) -> None:
        """Feed the ear and the keys until the line is gone."""
        while True:
            match await self._line.receive():
                case AudioReceived(samples=samples):
                    self._frames_received += 1
                    self._ear.hear(samples)
                case KeyReceived(key=key):
                    self._keys.press(key)
                case LineClosed():
                    if not self._exit.done():  # else it is Asterisk taking the caller back
                        self.tell(CallerHungUp())
                        self._end(None)
                    return

    def _give_floor(self, floor: Floor) -> None:
        match floor:
            case Floor.PAUSE:
                self._mouth.pause()
            case Floor.RESUME:
                self._mouth.resume()
            case Floor.STOP:
                self._mouth.stop()

    def _hear_key(self, key: str) -> None:
        self._mouth.stop()
        self.tell(KeyPressed(key))

    def _hear_number(self, digits: str) -> None:
        understand, asked = self._house.understanding.understand, self._expectation
        meaning = understand(" ".join(digits), asked)
        if meaning.intent is None and self._half_said:
            meaning = understand(" ".join((self._half_said, *digits)), asked)
        self._half_said = ""
        intent = meaning.intent if meaning.intent in ("yes", "no") else ""
        self.tell(KeysEntered(self._guard(meaning.slots), intent))

    def _follow_prompt(self, event: Event) -> None:
        match event:
            case PromptStarted(prompt=prompt):
                self._ear.prompt_changed(prompt)
            case PromptFinished() | PromptInterrupted():
                self._ear.prompt_changed(self._player.current)
        self.tell(event)

    # ------------------------------------------------------------------ leaving

    async def _leave(self, way_out: Transfer | HangUp | None) -> CallEnded:
        """Give the caller to a human, or hang up when that was earned."""
        outcome, reason = "abandoned", ""
        if way_out is None and isinstance(self._state.exit, HangUp):
            outcome = self._state.exit.outcome  # who hangs up during our goodbye was helped
        call_id, control = self._line.call_id, self._house.control
        if isinstance(way_out, HangUp):
            outcome = way_out.outcome
            if not await _answer(control.finish(call_id), False):
                outcome, reason = "transferred", "hang_up_not_confirmed"
        elif isinstance(way_out, Transfer):
            outcome, reason = "transferred", way_out.reason
            since = self._elapsed_ms()
            variables = await self._handover.variables(way_out, self._messages)
            delivered = await _answer(control.set_context(call_id, variables), False)
            self._log(ContextDelivered(delivered, self._elapsed_ms() - since))
        if way_out is not None:
            self._line.hang_up()
        return CallEnded(
            outcome, reason, self._player.frames_sent, self._player.frames_late, self._frames_received
        )

    def _end(self, way_out: Transfer | HangUp | None) -> None:
        self._analyst.switch_off()
        if not self._exit.done():
            self._exit.set_result(way_out)

    def _start(self, part: str, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run a part of the call beside the others; if it breaks, the engine is told which."""

        async def watched() -> None:
            try:
                await work
            except Exception as error:
                self._fail(part, error)

        self._tasks.append(task := asyncio.create_task(watched(), name=part))
        return task

    async def _watch_progress(self) -> None:
        """Raise when nothing has happened for long: no part told that it broke, so they may all be stuck."""
        loop = asyncio.get_running_loop()
        while (rest := self._progressed + STALL_S - loop.time()) > 0:
            await asyncio.sleep(rest)
        raise StalledError(f"nothing happened in this call for {STALL_S:g} s")

    def _fail(self, part: str, error: Exception) -> None:
        """Tell the engine that a part broke; if the engine is what broke, go straight to the human."""
        log.error("part of a call failed", call=self._line.call_id, part=part, error=type(error).__name__)
        fault = FaultOccurred(part, type(error).__name__)
        if part == "engine":
            self._log(fault)
            self._log(transfer := Transfer(self._house.bot.queue, "fault"))
            self._end(transfer)
        else:
            self.tell(fault)


async def _answer(asked: Awaitable[T], otherwise: T) -> T:
    """Return what Asterisk answers, or `otherwise` when that takes too long."""
    try:
        async with asyncio.timeout(CONTROL_TIMEOUT_S):
            return await asked
    except TimeoutError:
        return otherwise

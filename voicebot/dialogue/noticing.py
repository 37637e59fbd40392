"""What is noticed beside the talk itself: how the caller feels, what they are on about, what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voicebot.dialogue.asides import Aside
from voicebot.dialogue.draft import NO_INPUT
from voicebot.dialogue.frustration import Sign
from voicebot.dialogue.state import State
from voicebot.dialogue.survey import Survey
from voicebot.events import (
    AnalyseVoice,
    Event,
    HangUp,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    MoodScored,
    PromptFinished,
    SpeechStarted,
    StopSpeaking,
    SupervisorAsked,
    TimerExpired,
    Transfer,
    UtteranceEnded,
    WarningHeard,
)

REFUSAL_KEY: Final = "#"
TAKEN_OVER: Final = "taken_over"
END: Final = "end"
SENT_AWAY: Final = HangUp("ended")
LONG: Final = "long"
LONG_MS: Final = 300_000
_CONTENT: Final = ("thanks", "goodbye")


def listened(state: State, event: Event) -> State:
    """Return the state with what an event tells of the caller: are they speaking, understood, irritated."""
    match event:
        case SpeechStarted():
            return replace(state, speaking=True)
        case UtteranceEnded():
            return replace(state, speaking=False, irritated=False)
        case IntentRecognised(certainty=certainty, intent=intent):
            temper = state.temper if state.irritated else state.temper.calmer()
            content = intent in _CONTENT
            return replace(state, certainty=certainty, temper=temper, content=content)
        case KeysEntered(slots=slots, intent=intent):
            temper = state.temper.calmer() if slots or intent else state.temper
            return replace(state, certainty=1.0, temper=temper)
    return state


class Noticing(Survey):
    """Keeps the caller's temper, and their right not to have their voice analysed."""

    def _watch(self) -> None:
        """Begin: tell of the analysis, if there is one, and count the minutes."""
        self._start(LONG, LONG_MS)
        if self.bot.escalation.voice:
            self._say("notice", self.bot.escalation.notice, interruptible=False)
            self.state = replace(self.state, analysis="told", notice=self.state.prompts)

    def _notices(self, event: Event) -> bool:
        """Take an event that is not part of the talk; return whether it was one."""
        match event:
            case PromptFinished(prompt=prompt) if (
                prompt == self.state.notice and self.state.analysis == "told"
            ):
                self.effects.append(AnalyseVoice(True))
                self.state = replace(self.state, analysis="on")
            case IntentRecognised(intent=Aside.NO_ANALYSIS):
                self._refuse_analysis()
            case KeyPressed(key=key) if key == REFUSAL_KEY and self.state.analysis in ("told", "on"):
                self._refuse_analysis()
            case MoodScored():
                # a merry voice sounds much like an angry one: who thanks is not angry
                if self.state.analysis == "on" and not self.state.content:
                    self._feel(self.state.temper.sounding(event))
            case WarningHeard():
                self._heed(event)
            case TimerExpired(timer=timer) if timer == LONG:
                self._start(LONG, LONG_MS)
                self._sign(Sign.LONG)
            case _:
                return False
        return True

    def obey(self, asked: SupervisorAsked) -> None:
        """Do what a supervisor asks, whatever the call is at; also an end leaves room for a human."""
        way_out = self.state.exit
        if asked.order == END:
            if way_out is None:  # who was promised a human gets one
                self._leave("ended", self.bot.prompts.goodbye, SENT_AWAY)
        elif isinstance(way_out, Transfer):  # on its way to the queue
            self.state = replace(self.state, exit=replace(way_out, phone=asked.phone))
        else:
            transfer = replace(self._transfer(TAKEN_OVER), phone=asked.phone)
            text = self.bot.prompts.handoff["default"]
            self._leave(f"handoff.{TAKEN_OVER}", text, transfer)

    def _stays_for(self, intent: str) -> bool:
        """Return whether the bot helps who wants this during the goodbye; not who a supervisor sent away."""
        return intent in self.bot.flows and self.state.exit != SENT_AWAY

    def _is_hard_to_hear(self) -> bool:
        """Return whether values may have been heard wrong too often in a row, this one counted."""
        unsure = self.state.certainty < self.bot.limits.sure
        self.state = replace(self.state, unsure_in_a_row=(self.state.unsure_in_a_row + 1) * unsure)
        return self.state.unsure_in_a_row >= self.bot.escalation.unsure

    def _heed(self, warning: WarningHeard) -> None:
        if warning.refuses:
            self._stop_analysis()
        if warning.risk:
            self._bring_human("risk", warning.risk)
        elif warning.irritation:
            self.state = replace(self.state, irritated=True)
            self._feel(self.state.temper.after_warning(warning))

    def _stop_analysis(self) -> None:
        """Stop it for good, and forget what the voice told."""
        if self.state.analysis == "on":
            self.effects.append(AnalyseVoice(False))
        self.state = replace(self.state, analysis="refused")
        if (temper := self.state.temper.unheard()) != self.state.temper:
            self.state = replace(self.state, temper=temper)
            self.note_frustration()

    def _refuse_analysis(self) -> None:
        """Stop it, say so, and ask again what was asked."""
        told, survey = self.state.analysis == "told", self.bot.survey
        self._stop_analysis()
        if self.state.phase == "waiting":  # the answer comes soon enough
            return
        self._cancel(NO_INPUT)
        if not told:
            self.effects.append(StopSpeaking())
        self._say("refused", self.bot.escalation.refused)
        if self.state.phase == "rating" and survey and self.state.asking:
            self._ask_to_rate(survey, self.state.asking)
        else:
            self._repeat_question()

"""What is noticed beside the talk itself: how the caller feels, what they are on about, what they refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from voicebot.dialogue.asides import Aside
from voicebot.dialogue.frustration import Sign
from voicebot.dialogue.state import State
from voicebot.dialogue.survey import Survey
from voicebot.events import (
    AnalyseVoice,
    Event,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    MoodScored,
    PromptFinished,
    SpeechStarted,
    StopSpeaking,
    TimerExpired,
    UtteranceEnded,
    WarningHeard,
)

REFUSAL_KEY: Final = "#"
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
        case KeysEntered():
            return replace(state, certainty=1.0)
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
            case WarningHeard(risk=risk) if risk:
                self._bring_human("risk", risk)
            case WarningHeard():
                self.state = replace(self.state, irritated=True)
                self._feel(self.state.temper.after_warning(event))
            case TimerExpired(timer=timer) if timer == LONG:
                self._start(LONG, LONG_MS)
                self._sign(Sign.LONG)
            case _:
                return False
        return True

    def _refuse_analysis(self) -> None:
        if self.state.analysis == "on":
            self.effects.append(AnalyseVoice(False))
        temper, told = self.state.temper.unheard(), self.state.analysis == "told"
        self.state = replace(self.state, analysis="refused", temper=temper)
        if self.state.phase == "waiting":  # the answer comes soon enough
            return
        if not told:
            self.effects.append(StopSpeaking())
        self._say("refused", self.bot.escalation.refused)
        self._repeat_question()

"""Before the goodbye: did it help, and a mark from 1 to 5. Whoever does not answer skips it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from voicebot.dialogue.asides import MOST_ASIDES, Aside, Asides
from voicebot.dialogue.bot import SurveySpec
from voicebot.dialogue.draft import NO_INPUT
from voicebot.events import (
    Event,
    IntentNotRecognised,
    IntentRecognised,
    KeyPressed,
    KeysEntered,
    NoteRating,
    PromptFinished,
    SpeechStarted,
    TimerExpired,
    UtteranceEnded,
)
from voicebot.expectation import Expectation
from voicebot.values import Value

SKIPPED_AFTER_MS = 4000
"""Silence after a question that skips it."""
HELPED, SCORE = "helped", "score"


class Survey(Asides):
    """Two questions, each asked once."""

    def _end_talk(self) -> None:
        """Ask what the caller thinks of it, if they were told anything; then say goodbye."""
        survey = self.bot.survey
        if survey is None or not self.state.told or self.state.helped is not None:
            self._say_goodbye()
            return
        self._ask_to_rate(survey, HELPED)

    def _ask_to_rate(self, survey: SurveySpec, what: str) -> None:
        if what == HELPED:
            self._say("survey.helped", survey.helped)
            self._open_question("rating", HELPED, Expectation(HELPED, "yes_no"))
        else:
            self._say("survey.score", survey.score)
            self._open_question("rating", SCORE, Expectation(SCORE, SCORE, 1))

    def _hear_rating(self, event: Event) -> None:
        match event:
            case PromptFinished(prompt=prompt) if prompt == self.state.question:
                self._start(NO_INPUT, SKIPPED_AFTER_MS)
            case SpeechStarted() | KeyPressed(key="digit"):
                self._cancel(NO_INPUT)
            case UtteranceEnded(text="") | UtteranceEnded(passed_over=True):
                self._start(NO_INPUT, SKIPPED_AFTER_MS)
            case IntentRecognised(intent=intent, slots=slots) | KeysEntered(intent=intent, slots=slots):
                self._cancel(NO_INPUT)
                self._rate(intent, slots)
            case TimerExpired(timer=timer) if timer == NO_INPUT:
                self._note(None)
            case IntentNotRecognised() | KeyPressed():
                self._cancel(NO_INPUT)
                self._note(None)

    def _rate(self, intent: str, slots: Mapping[str, Value]) -> None:
        survey, asking = self.bot.survey, self.state.asking
        if survey and asking and intent in (Aside.REPEAT, Aside.SLOWER) and self.state.asides < MOST_ASIDES:
            slow = self.state.slow or intent == Aside.SLOWER
            self.state = replace(self.state, asides=self.state.asides + 1, slow=slow)
            self._ask_to_rate(survey, asking)
        elif asking == SCORE:
            self._note(int(str(slots[SCORE])) if SCORE in slots else None)
        elif survey and intent in ("yes", "no"):
            self.state = replace(self.state, helped=intent == "yes")
            self._ask_to_rate(survey, SCORE)
        else:
            self._note(None)

    def _note(self, score: int | None) -> None:
        self.state = replace(self.state, asking=None)
        if self.bot.survey and (self.state.helped is not None or score is not None):
            self.effects.append(NoteRating(self.state.helped, score))
            self._say("survey.thanks", self.bot.survey.thanks)
        self._say_goodbye()

"""A call without sound or time: events in, effects out."""

from typing import Any

from voicebot.dialogue import Bot, State, decide
from voicebot.events import CallStarted, Effect, Event, IntentRecognised, PromptFinished, Say
from voicebot.values import Personal

BOT = Bot.model_validate(
    {
        "name": "test",
        "company": "Test",
        "queue": "mensen",
        "queues": {"mensen": {}},
        "prompts": {
            "disclosure": "Ik ben een computer. Zeg medewerker.",
            "opening": "Waarmee?",
            "no_match": "Niet begrepen.",
            "no_input": "Ik hoor niets.",
            "anything_else": "Nog iets?",
            "goodbye": "Dag.",
            "handoff": {"default": "Een collega."},
        },
        "intents": {
            "order_status": {"label": "Bestelling", "templates": ["bestelling"]},
            "opening_hours": {"label": "Open", "templates": ["open"]},
            "complaint": {"label": "Klacht", "templates": ["klacht"]},
        },
        "slots": {
            "order_number": {"type": "digits", "length": 5, "question": "Nummer?", "hint": "Cijfers."},
            "postcode": {"type": "postcode", "question": "Postcode?", "hint": "Vier cijfers, twee letters."},
        },
        "actions": {
            "find_order": {
                "arguments": ["order_number", "postcode"],
                "outcomes": ["found", "not_found"],
                "facts": ["day"],
            }
        },
        "flows": {
            "order_status": [
                {"ask": "order_number"},
                {"ask": "postcode"},
                {
                    "call": "find_order",
                    "on": {
                        "found": [{"say": "{order_number} komt {day}."}],
                        "not_found": [{"retry": ["order_number", "postcode"], "say": "Niet gevonden."}],
                    },
                },
            ],
            "opening_hours": [{"say": "Altijd."}],
            "complaint": [{"handoff": "out_of_scope"}],
        },
    }
)
STARTED = CallStarted("id", "test", "v", "0", "2026-11-20T10:00:00+01:00")
NUMBER = Personal("order_number", "12345")
POSTCODE = Personal("postcode", "5611BJ")
HUMAN = IntentRecognised("human", 1.0)
WISH = IntentRecognised("order_status", 1.0)


class Talk:
    """A call with the engine alone."""

    def __init__(self, bot: Bot = BOT, started: CallStarted = STARTED) -> None:
        self.bot = bot
        self.state = State()
        self.all: list[Effect] = []
        self.tell(started)

    def tell(self, *events: Event) -> list[Effect]:
        new: list[Effect] = []
        for event in events:
            self.state, effects = decide(self.bot, self.state, event)
            new += effects
        self.all += new
        return new

    def inform(self, **slots: Personal) -> list[Effect]:
        return self.tell(IntentRecognised("inform", 1.0, slots))

    def identify(self) -> list[Effect]:
        return self.tell(WISH) + self.inform(order_number=NUMBER) + self.inform(postcode=POSTCODE)

    def last_words_spoken(self) -> list[Effect]:
        return self.tell(PromptFinished(self.state.last_words))


def said(effects: list[Effect]) -> list[str]:
    return [effect.template for effect in effects if isinstance(effect, Say)]


def only(effects: list[Effect], kind: type[Any]) -> Any:
    (found,) = [effect for effect in effects if isinstance(effect, kind)]
    return found

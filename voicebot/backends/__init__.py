"""Actions in the company's systems; for now the demo shop."""

from voicebot.backends.backend import Backend, Reply, State, checked
from voicebot.backends.demo_orders import Order
from voicebot.backends.demo_shop import DemoShop
from voicebot.backends.failed_tries import FailedTries
from voicebot.backends.limited import NOT_FOUND, LimitedBackend

__all__ = [
    "NOT_FOUND",
    "Backend",
    "DemoShop",
    "FailedTries",
    "LimitedBackend",
    "Order",
    "Reply",
    "State",
    "checked",
]

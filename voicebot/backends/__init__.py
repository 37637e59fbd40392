"""Actions in the company's systems; for now the demo shop."""

from voicebot.backends.backend import Backend, Reply, State
from voicebot.backends.demo_orders import Order
from voicebot.backends.demo_shop import DemoShop

__all__ = ["Backend", "DemoShop", "Order", "Reply", "State"]

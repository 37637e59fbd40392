"""The shop answers for some orders in a way of its own; see `BACKEND_FAULTS` in the tests."""

import threading

from voicebot.backends import DemoShop, Reply

over = threading.Event()


def raises():
    raise RuntimeError("the shop broke")


ANSWERS = {
    "90000": raises,
    "90001": over.wait,
    "90002": lambda: Reply("winterslaap"),
    "90003": lambda: Reply(["on_the_way"]),
    "90004": lambda: Reply("on_the_way"),
    "90005": lambda: Reply("on_the_way", "morgen"),
    "90006": lambda: Reply("on_the_way", {"delivery_day": object(), "window": b"\xff", 3: None}),
    "90007": lambda: None,
    "90008": lambda: {"outcome": "on_the_way"},
}


def do(self, action, arguments):
    answer = ANSWERS.get(arguments["order_number"])
    return answer() if answer else DemoShop.healthy(self, action, arguments)


DemoShop.over = over
DemoShop.healthy = DemoShop.do
DemoShop.do = do

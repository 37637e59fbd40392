import pytest

from voicebot.backends import Reply, checked
from voicebot.errors import BackendError
from voicebot.values import Personal

pytestmark = pytest.mark.unit


def test_a_reply_of_the_right_kinds_is_taken_as_it_is() -> None:
    facts = {"order_number": Personal("order_number", "12345"), "day": "morgen", "items": 2, "late": False}
    reply = Reply("on_the_way", facts)
    assert checked(reply) is reply


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {"outcome": "on_the_way"},
        Reply(["on_the_way"]),  # type: ignore[arg-type]
        Reply("on_the_way", "morgen"),  # type: ignore[arg-type]
        Reply("on_the_way", {"day": object()}),  # type: ignore[dict-item]
        Reply("on_the_way", {"day": None}),  # type: ignore[dict-item]
        Reply("on_the_way", {3: "morgen"}),  # type: ignore[dict-item]
    ],
)
def test_anything_else_is_a_lie(answer: object) -> None:
    with pytest.raises(BackendError, match="something else than a Reply"):
        checked(answer)

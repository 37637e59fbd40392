import pytest

from voicebot.telephony.allowance import Allowance

pytestmark = pytest.mark.unit


def test_what_is_not_used_is_saved_up_to_a_limit() -> None:
    allowance = Allowance(per_s=2, most=5, now=100)
    assert [allowance.take(1, 100) for _ in range(6)] == [True] * 5 + [False]
    assert allowance.take(1, 100.5)
    assert not allowance.take(1, 100.9)
    assert allowance.left(1000) == 5
    assert not allowance.take(6, 1000)
    assert allowance.take(5, 1000), "what was not there took nothing away"

import pytest

from voicebot.modelling.look_ahead import reach
from voicebot.modelling.openfst import transducer

pytestmark = pytest.mark.unit

END = 9


def test_a_state_reaches_what_comes_next_and_no_further() -> None:
    arcs = [(0, 5, 0, 0.0, 1), (1, 6, 2, 0.0, 2), (1, 6, 3, 0.0, 2), (2, 7, 5, 0.0, 0)]
    assert reach(transducer(arcs, {2: 0.0}, 3, 0), END) == [((2, 4),), ((2, 4),), ((5, 6), (9, 10))]


def test_silent_circles_reach_what_any_of_them_does() -> None:
    arcs = [(0, 5, 0, 0.0, 1), (1, 5, 0, 0.0, 0), (1, 5, 0, 0.0, 1), (1, 5, 4, 0.0, 2)]
    assert reach(transducer(arcs, {2: 0.0}, 3, 0), END) == [((4, 5),), ((4, 5),), ((9, 10),)]

"""The recorded caller waits for its turn."""

import numpy as np
import pytest

from voicebot.replay import Turn, VirtualCaller

pytestmark = pytest.mark.unit

VOICE = np.full(160, 3000, np.int16)
QUIET = np.zeros(160, np.int16)


def turn(value: int, seconds: float = 0.1, after_s: float = 0.2) -> Turn:
    return Turn(np.full(int(8000 * seconds), value, np.int16), after_s=after_s)


def hear(caller: VirtualCaller, frames: str) -> list[int | None]:
    """Hear ``v``oice or ``.`` quiet; return the first sample of what was said at each frame."""
    said = (caller.listen(VOICE if frame == "v" else QUIET) for frame in frames)
    return [None if turn is None else int(turn.samples[0]) for turn in said]


def test_says_nothing_before_the_other_side_spoke() -> None:
    assert hear(VirtualCaller([turn(1)]), "." * 100) == [None] * 100


def test_speaks_after_the_silence_it_was_given() -> None:
    assert hear(VirtualCaller([turn(1, after_s=0.2)]), "vvv" + "." * 10) == [None] * 12 + [1]


def test_a_pause_inside_a_prompt_is_not_its_end() -> None:
    assert hear(VirtualCaller([turn(1, after_s=0.2)]), "vv....vv" + "." * 9) == [None] * 17


def test_an_interruption_counts_from_where_the_other_side_began() -> None:
    caller = VirtualCaller([Turn(np.full(160, 1, np.int16), at_s=0.1)])
    assert hear(caller, "..vv.vvvv") == [None] * 6 + [1, None, None]


def test_what_the_caller_talks_over_is_no_answer() -> None:
    caller = VirtualCaller([turn(1, seconds=0.1, after_s=0.04), turn(2, after_s=0.04)])
    assert [said for said in hear(caller, "v..vvv......") if said] == [1]


def test_each_turn_waits_for_a_new_answer() -> None:
    caller = VirtualCaller([turn(1, after_s=0.1), turn(2, after_s=0.1)])
    assert [said for said in hear(caller, "v" + "." * 40) if said] == [1]
    assert not caller.done
    assert [said for said in hear(caller, "v" + "." * 40) if said] == [2]
    assert caller.done

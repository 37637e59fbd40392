"""What tests share: the real model, voice and understanding, loaded once."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import settings
from mbrola import TREE
from recordings import NOW

from voicebot.backends import DemoShop
from voicebot.clock import VirtualClock
from voicebot.dialogue import load_bot
from voicebot.events import Entry
from voicebot.hearing import choose_model
from voicebot.house import House, open_house
from voicebot.records import MemoryCallbacks
from voicebot.replay import has_real_recordings
from voicebot.telephony import AsteriskInstall, CallControl, MemoryControl, find_asterisk

_TRAINS = find_spec("torch") is not None and find_spec("pyworld") is not None
LEFT_OUT = {
    "training is not tested: PyTorch is not here": [] if _TRAINS else ["training", "cli/test_cli_train.py"],
    "MBROLA's voices are not tested: they are not here": [] if TREE.is_dir() else ["speaking/test_mbrola.py"],
    "people's voices are not scored: their recordings are not here": []
    if has_real_recordings()
    else ["cli/test_cli_mood_people.py"],
}
"""What pytest says in a line -> the tests that this machine cannot do."""
collect_ignore = [test for tests in LEFT_OUT.values() for test in tests]
settings.register_profile("shared", deadline=None)  # machines are shared, so nothing here is timed
settings.load_profile("shared")


def pytest_report_header() -> list[str]:
    return [reason for reason, tests in LEFT_OUT.items() if tests]


@pytest.fixture(scope="session")
def asterisk_install() -> AsteriskInstall:
    install = find_asterisk()
    assert install, "no Asterisk here; run scripts/install-asterisk .asterisk"
    assert install.missing_modules() == []
    return install


@pytest.fixture(scope="session")
def webshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The webshop's house on virtual time; tests make their own of it with `dataclasses.replace`."""
    control: CallControl = MemoryControl()
    house = open_house(
        load_bot("webshop"),
        model=choose_model(None).path,
        cache=tmp_path_factory.mktemp("prompts"),
        backend=DemoShop(None, today=NOW.date),
        callbacks=MemoryCallbacks(),
        control=control,
        clock=VirtualClock(NOW),
        note=_drop,
    )
    yield house
    house.synthesiser.close()


def _drop(entry: Entry) -> None:
    pass

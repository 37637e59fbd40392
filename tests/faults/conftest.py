"""For each file an exchange with a voicebot that survives, and others for what it does not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from breakable import Voicebot
from exchange import Exchange, open_exchange
from relay import Relay

from voicebot.telephony import AsteriskInstall

AGENTS = 9
MANAGER_LINKS = 4
"""Two workers, the web and the office."""
WAIT_S = 1
"""How long a caller of the lone exchange waits for an agent."""


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prompts")


@pytest.fixture(scope="module")
def exchange(
    runner: asyncio.Runner,
    asterisk_install: AsteriskInstall,
    tmp_path_factory: pytest.TempPathFactory,
    prompts: Path,
) -> Iterator[Exchange]:
    opening = open_exchange(asterisk_install, tmp_path_factory.mktemp("exchange"), prompts, AGENTS)
    yield runner.run(opening.__aenter__())
    runner.run(opening.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def relayed(runner: asyncio.Runner, exchange: Exchange) -> Iterator[tuple[Relay, Voicebot]]:
    opening = exchange.relayed_voicebot()
    yield runner.run(opening.__aenter__())
    runner.run(opening.__aexit__(None, None, None))


@pytest.fixture
def relay(runner: asyncio.Runner, exchange: Exchange, relayed: tuple[Relay, Voicebot]) -> Iterator[Relay]:
    """What stands between voicebot and Asterisk's Manager."""
    yield relayed[0]
    relayed[0].mood = "passes"
    runner.run(exchange.managed(MANAGER_LINKS))


@pytest.fixture
def voicebot(
    runner: asyncio.Runner, exchange: Exchange, relayed: tuple[Relay, Voicebot]
) -> Iterator[Voicebot]:
    """The shared voicebot; after each test all calls are over, and it has nothing left of them."""
    yield relayed[1]
    runner.run(exchange.everyone_hangs_up())
    assert runner.run(relayed[1].leftovers()) == []


@pytest.fixture(scope="module")
def lone_exchange(
    runner: asyncio.Runner,
    asterisk_install: AsteriskInstall,
    tmp_path_factory: pytest.TempPathFactory,
    prompts: Path,
) -> Iterator[Exchange]:
    """An exchange without a voicebot."""
    folder = tmp_path_factory.mktemp("exchange")
    opening = open_exchange(asterisk_install, folder, prompts, AGENTS, WAIT_S)
    yield runner.run(opening.__aenter__())
    runner.run(opening.__aexit__(None, None, None))

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voicebot.errors import ConfigError, TelephonyError
from voicebot.telephony.asterisk import LocalAsterisk, Ports, SiteSettings
from voicebot.telephony.dialplan import DialplanSettings, write_dialplan
from voicebot.telephony.installation import AsteriskInstall
from voicebot.telephony.phone import SipPhone

pytestmark = pytest.mark.asterisk

CONTEXTS = [
    "voicebot",
    "voicebot-queue",
    "voicebot-agent-headers",
    "voicebot-leave",
    "voicebot-fallback",
    "voicebot-message",
    "voicebot-agent-codes",
    "voicebot-listen",
    "voicebot-callback",
]


@pytest.fixture
def site(tmp_path: Path) -> SiteSettings:
    silence = dict.fromkeys(DialplanSettings().prompts, np.zeros(80, dtype=np.int16))
    write_dialplan(tmp_path / "dialplan", DialplanSettings(), silence)
    return SiteSettings(tmp_path / "dialplan", agents=2)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_every_generated_file_loads_without_a_warning(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    async def main() -> None:
        async with LocalAsterisk(asterisk_install, tmp_path / "run", site) as asterisk:
            for context in CONTEXTS:
                assert f"[ Context '{context}' " in await asterisk.cli(f"dialplan show {context}")
            assert "2 configured" in await asterisk.cli(
                "manager show users"
            ) or "voicebot" in await asterisk.cli("manager show users")
            assert "PJSIP/agent2" in await asterisk.cli("queue show klantenservice")
            log = asterisk.log.read_text()
        assert "WARNING" not in log
        assert "ERROR" not in log

    asyncio.run(main())


def test_two_run_side_by_side_and_leave_nothing_running(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    async def main() -> list[int]:
        first = LocalAsterisk(asterisk_install, tmp_path / "a", site)
        second = LocalAsterisk(asterisk_install, tmp_path / "b", site)
        async with first, second:
            pids = [first.pid, second.pid]
            for asterisk in (first, second):
                async with SipPhone(
                    "agent1", ("127.0.0.1", asterisk.ports.sip), asterisk.accounts["agent1"]
                ) as phone:
                    await phone.register()
                    assert "Not in use" in await asterisk.cli("queue show klantenservice")
        await first.stop()  # once more does no harm
        return [pid for pid in pids if pid is not None]

    pids = asyncio.run(main())
    assert len(set(pids)) == 2
    assert not any(alive(pid) for pid in pids)


def test_a_wrong_password_is_refused(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    async def main() -> None:
        async with LocalAsterisk(asterisk_install, tmp_path / "run", site) as asterisk:
            server = ("127.0.0.1", asterisk.ports.sip)
            for user, password in (("agent1", "agent1"), ("softphone", None), ("stranger", "x")):
                async with SipPhone(user, server, password) as phone:
                    with pytest.raises(TelephonyError, match="401"):
                        await phone.register()
                    with pytest.raises(TelephonyError, match="401"):
                        await phone.call("100")

    asyncio.run(main())


def test_beyond_this_machine_nobody_calls_without_a_password(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    async def main() -> None:
        beyond = replace(site, bind="0.0.0.0")
        async with LocalAsterisk(asterisk_install, tmp_path / "run", beyond) as asterisk:
            server = ("127.0.0.1", asterisk.ports.sip)
            async with (
                SipPhone("caller", server) as here,
                SipPhone("caller", server, bind="127.0.0.2") as there,
            ):
                await here.call("100")
                with pytest.raises(TelephonyError, match="refused"):
                    await there.call("100")
            async with SipPhone("softphone", server, asterisk.accounts["softphone"], "127.0.0.2") as there:
                await there.call("100")

    asyncio.run(main())


def test_an_address_that_is_none_is_refused(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    with pytest.raises(ConfigError, match="IPv4"):
        asyncio.run(
            LocalAsterisk(asterisk_install, tmp_path / "run", replace(site, bind="localhost")).start()
        )


def test_it_dies_with_the_program_that_started_it(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    program = f"""
import asyncio
from pathlib import Path
from voicebot.telephony.asterisk import LocalAsterisk, SiteSettings
from voicebot.telephony.installation import inspect_asterisk

async def main():
    install = inspect_asterisk(Path({str(asterisk_install.binary)!r}))
    site = SiteSettings(Path({str(site.dialplan)!r}))
    async with LocalAsterisk(install, Path({str(tmp_path / "run")!r}), site) as asterisk:
        print(asterisk.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        watch = os.pidfd_open(pid)
        parent.kill()
        parent.wait()
    try:
        asyncio.run(_gone(watch))
    finally:
        os.close(watch)
    assert not alive(pid)


async def _gone(watch: int) -> None:
    """Wait until the process behind a pidfd has ended."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(watch, ended.set)
    async with asyncio.timeout(5):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(watch)


def test_one_that_does_not_stop_is_killed(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.telephony.asterisk.STOP_SECONDS", 0.2)

    async def main() -> int:
        asterisk = LocalAsterisk(asterisk_install, tmp_path / "run", site)
        await asterisk.start()
        pid = asterisk.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await asterisk.stop()
        return pid

    assert not alive(asyncio.run(main()))


def test_one_that_cannot_start_says_what_it_said(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    binary = tmp_path / "asterisk"
    binary.write_text("#!/bin/sh\necho no such thing\nexit 1\n")
    binary.chmod(0o755)
    broken = LocalAsterisk(replace(asterisk_install, binary=binary), tmp_path / "run", site)
    with pytest.raises(TelephonyError, match="no such thing"):
        asyncio.run(broken.start())
    assert broken.pid is None


def test_ports_that_are_given_are_used(
    tmp_path: Path, site: SiteSettings, asterisk_install: AsteriskInstall
) -> None:
    async def main() -> None:
        ports = replace(Ports.free(), rtp=(21000, 21020))
        async with LocalAsterisk(asterisk_install, tmp_path / "run", site, ports) as asterisk:
            assert "21000" in await asterisk.cli("rtp show settings")
            _, writer = await asyncio.open_connection("127.0.0.1", ports.ami)
            writer.close()
            await writer.wait_closed()

    asyncio.run(main())

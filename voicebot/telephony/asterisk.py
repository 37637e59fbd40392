"""A private Asterisk on this machine: for the demo, the tests and the benchmarks.

It has its own configuration, ports and folders, and needs no root. Beyond
warnings and errors it logs nothing, and it keeps no call records, as those
hold telephone numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import secrets
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from voicebot.errors import ConfigError, TelephonyError
from voicebot.telephony.dialplan import render_template
from voicebot.telephony.installation import AsteriskInstall

START_SECONDS = 30.0
STOP_SECONDS = 5.0

_CONFIGURED = (
    "asterisk",
    "extensions",
    "indications",
    "logger",
    "manager",
    "modules",
    "musiconhold",
    "pjsip",
    "queues",
    "rtp",
)
_UNTEMPLATED = {
    **dict.fromkeys(("cdr", "cel"), "[general]\nenable = no\n"),
    **dict.fromkeys(("ccss", "features", "pjproject", "queuerules", "udptl"), "[general]\n"),
    "acl": "",
    "stasis": "[threadpool]\ninitial_size = 2\n",
}
"""Files that Asterisk warns about when they are not there."""

_DIE_WITH_PARENT = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.umask(0o077)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Starts a program that the kernel kills when we die (PR_SET_PDEATHSIG outlives exec).

Done in a fresh interpreter, as a `preexec_fn` can deadlock in a process with threads.
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a private Asterisk listens."""

    sip: int
    """UDP."""
    ami: int
    """TCP, loopback only."""
    rtp: tuple[int, int] = (20000, 29999)
    """First and last; may overlap with another Asterisk's, which then each skip what the other has taken."""

    @classmethod
    def free(cls) -> Ports:
        """Return ports that nobody uses now."""
        return cls(sip=free_port(socket.SOCK_DGRAM), ami=free_port(socket.SOCK_STREAM))


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What stands around voicebot's dialplan in a private Asterisk."""

    dialplan: Path
    """Folder that `write_dialplan` filled."""
    queue: str = "klantenservice"
    agents: int = 1
    """Accounts ``agent1`` .. ``agentN``."""
    log_in: bool = False
    """Whether agents must log in; else each is in the queue as long as it is registered."""
    number: str = "100"
    """What to dial for voicebot."""
    callback_number: str = "101"
    """What to dial to leave a number to call back, as who gets no human comes to do."""
    bind: str = "127.0.0.1"
    """IPv4 address for SIP. Beyond loopback only accounts with a password can call."""

    @property
    def agent_accounts(self) -> tuple[str, ...]:
        """The accounts of agents."""
        return tuple(f"agent{n}" for n in range(1, self.agents + 1))

    @property
    def members(self) -> tuple[str, ...]:
        """Who is in the queue without logging in."""
        return () if self.log_in else self.agent_accounts


@dataclass(slots=True)
class LocalAsterisk:
    """A private Asterisk; ``async with`` starts it and stops it without leftovers but its folder.

    Accounts: ``caller`` calls without a password, from loopback only; ``softphone``, ``supervisor``,
    ``customer`` (who is called back) and the agents register with the password in `accounts`. It ends with
    the thread that started it, however that ends.
    """

    install: AsteriskInstall
    run_dir: Path
    """Its folder: configuration, spool, log."""
    site: SiteSettings
    ports: Ports = field(default_factory=Ports.free)
    accounts: dict[str, str] = field(init=False, repr=False)
    """Account -> password."""
    _process: asyncio.subprocess.Process | None = field(init=False, default=None, repr=False)

    def __post_init__(self) -> None:
        self.run_dir = self.run_dir.absolute()
        names = ("softphone", "supervisor", "customer", *self.site.agent_accounts)
        self.accounts = {name: secrets.token_urlsafe(12) for name in names}

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        """Its log: warnings and errors."""
        return self.run_dir / "log" / "messages"

    async def __aenter__(self) -> LocalAsterisk:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Write its configuration, start it, return when it takes calls.

        Raises TelephonyError when it does not start within `START_SECONDS`.
        """
        self._write_configuration()
        with (self.run_dir / "log" / "console").open("wb") as console:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-c", _DIE_WITH_PARENT, str(os.getpid())),
                *(str(self.install.binary), "-C", str(self._main_file), "-f"),
                cwd=self.run_dir,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        try:
            async with asyncio.timeout(START_SECONDS):
                booted = await self._booted()
        except TimeoutError:
            booted = False
        except BaseException:
            await self.stop()
            raise
        if not booted:
            await self.stop()
            raise TelephonyError(f"the private Asterisk did not start; it wrote: {self._last_words()}")

    async def stop(self) -> None:
        """Stop it: SIGTERM, SIGKILL if it is still there after `STOP_SECONDS`; harmless when it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                process.terminate()
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def cli(self, command: str) -> str:
        """Return what Asterisk's console answers to `command`; for diagnostics."""
        client = await asyncio.create_subprocess_exec(
            *(str(self.install.binary), "-C", str(self._main_file), "-rx", command),
            cwd=self.run_dir,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            answer, _ = await client.communicate()
        finally:
            if client.returncode is None:
                client.kill()
                await client.wait()
        return answer.decode(errors="replace")

    async def _booted(self) -> bool:
        """Return once it takes calls; False when it ended instead."""
        process = self._process
        while process and process.returncode is None:
            if "fully booted" in await self.cli("core waitfullybooted"):
                return True
            await asyncio.sleep(0.05)
        return False

    @property
    def _main_file(self) -> Path:
        return self.run_dir / "etc" / "asterisk.conf"

    def _write_configuration(self) -> None:
        for name in ("etc", "lib", "log", "spool"):
            (self.run_dir / name).mkdir(parents=True, exist_ok=True)
        values = {
            "run": self.run_dir,
            "install": self.install,
            "site": self.site,
            "dialplan": self.site.dialplan.absolute(),
            "ports": self.ports,
            "accounts": self.accounts,
            "binds": _binds(self.site.bind),
        }
        texts = {name: render_template(f"site/{name}.conf", values) for name in _CONFIGURED}
        for name, text in (texts | _UNTEMPLATED).items():
            path = self.run_dir / "etc" / f"{name}.conf"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")

    def _last_words(self) -> str:
        """Return the end of what Asterisk wrote, for an error message."""
        lines = []
        for path in (self.log, self.run_dir / "log" / "console"):
            if path.exists():
                lines += path.read_text(errors="replace").split("\n")[-6:]
        return " / ".join(line.strip() for line in lines if line.strip()) or "it wrote nothing"


def _binds(address: str) -> list[str]:
    """Return the addresses to listen on: loopback always, for the caller without a password."""
    try:
        bind = ipaddress.IPv4Address(address)
    except ValueError as error:
        raise ConfigError(f"{address!r} is not an IPv4 address to listen on; 0.0.0.0 means all") from error
    return [str(bind)] if bind.is_loopback or bind.is_unspecified else ["127.0.0.1", str(bind)]


def free_port(kind: socket.SocketKind, preferred: int = 0) -> int:
    """Return the port `preferred` when nobody has it, else any that is free; raises TelephonyError."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("0.0.0.0", port))
            return int(probe.getsockname()[1])
    raise TelephonyError("this machine has no free port; stop something that uses many")

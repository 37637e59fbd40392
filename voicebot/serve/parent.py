"""The parent process: opens the one listening socket, starts workers and the web, and starts them again.

The workers inherit the socket, so a dead or frozen one takes no new calls with it. (What a frozen one does to
the calls it has is for the watchdog to come.)
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog

from voicebot.errors import SetupError
from voicebot.serve.settings import Address, Settings
from voicebot.telephony import listen

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
REFUSE_S = 0.1
"""Between two looks for callers whom no worker can serve."""
STOP_GRACE_S = 10.0
"""Beyond the time to drain, at a stop, before a child is killed."""
STEADY_S = 60.0
"""A child that lived this long starts again with the first pause."""


class Parent:
    """Runs the processes of one voicebot until told to stop."""

    def __init__(self, settings: Settings, model: str, say: Callable[[str], None] = print) -> None:
        """Take the settings, the name of the speech model to show, and where to say what happens."""
        self._settings = settings
        self._model = model
        self._say = say
        self._stopping = asyncio.Event()
        self._children: set[asyncio.subprocess.Process] = set()
        self._ready: set[str] = set()

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then let calls finish; raises SetupError when our port is taken."""
        self._settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        loop = asyncio.get_running_loop()
        for stop_signal in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(stop_signal, self._stop)
        # a folder of its own: a unix socket's path may be only 107 bytes long
        private = tempfile.TemporaryDirectory(prefix="voicebot-")
        with private as folder, _listen(self._settings.audiosocket) as sock:
            feed = Path(folder) / "feed"
            sock.setblocking(False)
            refusing = asyncio.create_task(self._refuse_without_workers(sock))
            keepers = [asyncio.create_task(self._keep("web", self._web(feed), None))]
            for number in range(self._settings.workers):
                worker = [sys.executable, "-m", "voicebot.serve.worker", str(sock.fileno()), str(feed)]
                keepers.append(asyncio.create_task(self._keep(f"worker {number + 1}", worker, sock)))
            await self._stopping.wait()
            refusing.cancel()
            sock.close()  # with the workers' copies: what calls now is refused, and so goes to a human
            await self._finish(keepers)

    def _stop(self) -> None:
        self._stopping.set()
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()

    async def _refuse_without_workers(self, sock: socket.socket) -> None:
        """Close what connects while no worker is ready: its dialplan then goes on to a human at once."""
        while True:
            await asyncio.sleep(REFUSE_S)
            with contextlib.suppress(BlockingIOError):
                while not self._ready:
                    connection, _ = sock.accept()
                    connection.close()
                    log.error("no worker is ready; the caller goes to a human")

    async def _finish(self, keepers: list[asyncio.Task[None]]) -> None:
        """Wait for the children to go; kill those that do not."""
        _, staying = await asyncio.wait(keepers, timeout=self._settings.drain_s + STOP_GRACE_S)
        for child in self._children if staying else ():
            with contextlib.suppress(ProcessLookupError):
                child.kill()
        await asyncio.gather(*keepers)

    def _web(self, feed: Path) -> list[str]:
        return [sys.executable, "-m", "voicebot.web.server", "--feed", str(feed), "--model", self._model]

    async def _keep(self, name: str, command: list[str], sock: socket.socket | None) -> None:
        """Run a child, and run it again whenever it ends before we do."""
        pause = FIRST_PAUSE_S
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            begun = loop.time()
            try:
                code = str(await self._run_child(name, command, sock))
            except OSError as problem:  # no memory, or too many files
                code = problem.strerror or type(problem).__name__
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE_S if loop.time() - begun > STEADY_S else min(2 * pause, LONGEST_PAUSE_S)
            log.error("process ended; starting it again", process=name, code=code, pause_s=pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _run_child(self, name: str, command: list[str], sock: socket.socket | None) -> int:
        """Start a child with the settings on its stdin, which stays open as a sign that we live."""
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            pass_fds=[] if sock is None else [sock.fileno()],
            start_new_session=True,  # a Ctrl-C in the terminal is for the parent to handle
        )
        self._children.add(child)
        if self._stopping.is_set():  # it was being born when the others were told
            child.terminate()
        assert child.stdin is not None and child.stdout is not None
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                child.stdin.write(self._settings.model_dump_json().encode() + b"\n")
                await child.stdin.drain()
            async for line in child.stdout:
                self._note(name, line.decode(errors="replace").rstrip())
            return await child.wait()
        finally:
            self._ready.discard(name)
            self._children.discard(child)

    def _note(self, name: str, line: str) -> None:
        if line == "ready" and name.startswith("worker"):
            self._ready.add(name)
            if len(self._ready) == self._settings.workers:
                self._say(f"ready for calls on {self._settings.audiosocket} (AudioSocket)")
        else:
            self._say(f"{name}: {line}")


def _listen(address: Address) -> socket.socket:
    try:
        sock = listen(address.host, address.port)
    except OSError as problem:
        raise SetupError(
            f"cannot listen on {address}: {problem.strerror}; is voicebot running already? "
            "Choose another port with `audiosocket:` in the configuration"
        ) from None
    sock.set_inheritable(True)
    return sock

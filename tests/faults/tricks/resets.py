"""The kernel sends a RST on every connection that was accepted: connect() to nowhere does that."""

import ctypes
import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

libc = ctypes.CDLL(None)
copies = []
for held in Path("/proc/self/fd").iterdir():
    with suppress(OSError):  # the listing's own, closed by now
        copy = os.dup(int(held.name))
        if stat.S_ISSOCK(os.fstat(copy).st_mode):
            copies.append(socket.socket(fileno=copy))
        else:
            os.close(copy)
tcp = [copy for copy in copies if copy.family == socket.AF_INET]
listening = {copy.getsockname() for copy in tcp if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)}
for copy in tcp:
    with suppress(OSError):
        if copy.getpeername() and copy.getsockname() in listening:
            libc.connect(copy.fileno(), bytes(16), 16)
for copy in copies:
    copy.close()

"""
Warm processes: one of them loads a contract once, and makes a copy of itself for each task of a check.

To start Python, pytest, the library and the contract takes longer than most tasks do.
"""

from __future__ import annotations

import atexit
import ctypes
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import cache
from typing import Final, TextIO

import attrs


_PROGRAM: Final = "import sys; from salesflow.testing._store.tasks import stay_warm; stay_warm(*sys.argv[1:])"
_SET_ADOPTS, _ADOPTS = 36, 37  # of prctl


def start_copy(file: str, called: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str] | None:
    """
    Run a task in a copy of the process that has loaded a contract, as if it had been started here.

    Args:
        file: the file of the contract.
        called: the class, the place, and the task with its arguments.
        env: the environment of the copy.

    Returns:
        ``None`` where there can be no copies: it takes Linux, and a contract that starts no threads.
    """
    with _adopting() if sys.platform == "linux" else nullcontext(enter_result=False) as adopts:
        return _warm(file, env["PYTHONPATH"]).copy(called, env) if adopts else None


@contextmanager
def _adopting() -> Generator[bool]:
    """
    Have this process adopt the copy, whose parent ends at once; yield whether it can.
    """
    prctl = ctypes.CDLL(None).prctl
    before = ctypes.c_int()
    prctl(_ADOPTS, ctypes.byref(before), 0, 0, 0)
    try:
        yield prctl(_SET_ADOPTS, 1, 0, 0, 0) == 0
    finally:
        prctl(_SET_ADOPTS, before.value, 0, 0, 0)


@cache
def _warm(file: str, path: str) -> _WarmContract:
    """
    Start the process that loads a contract; it ends when this one lets go of the link.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.set_inheritable(True)
        os.posix_spawn(
            sys.executable,
            [sys.executable, "-c", _PROGRAM, str(theirs.fileno()), file],
            {**os.environ, "PYTHONPATH": path},
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
        )
    made = _WarmContract(ours, ours.makefile())
    atexit.register(made.close)
    return made


@attrs.frozen(eq=False)
class _WarmContract:
    """
    The link to a process that has loaded a contract.
    """

    link: socket.socket
    answers: TextIO

    def copy(self, called: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str] | None:
        """
        Order a copy; ``None`` if nobody makes one.
        """
        ours, theirs = os.pipe()
        printed, pid = os.fdopen(ours), ""
        with suppress(OSError):  # the process has ended
            socket.send_fds(self.link, [b"."], [theirs, 2])
            self.link.sendall(f"{json.dumps([os.getcwd(), {**env}, called])}\n".encode())  # noqa: PTH109 -- a text
            pid = self.answers.readline().strip()  # a blank line where the system refused the copy
        os.close(theirs)
        if pid:
            return _Copy(called, int(pid), printed)
        printed.close()
        return None

    def close(self) -> None:
        """
        Let the process end.
        """
        self.answers.close()
        self.link.close()


class _Copy(subprocess.Popen[str]):
    """
    A process that is there already.
    """

    def __init__(self, called: Sequence[str], pid: int, printed: TextIO) -> None:
        self._adopted = pid
        super().__init__(called, text=True)
        self.stdout = printed

    def _execute_child(self, *_given: object) -> None:
        self.pid, self._child_created = self._adopted, True


def make_copies(link: socket.socket, fork: Callable[[], int] = os.fork) -> list[str]:
    """
    Make a copy of this process for each order.

    Returns:
        In a copy only: what its task takes.

    Raises:
        SystemExit: at the end of the orders.
    """
    with link, link.makefile() as orders:
        while given := socket.recv_fds(link, 1, 2)[1]:
            folder, env, called = json.loads(orders.readline())
            between = fork()
            if not between:
                copy = fork()
                if copy:  # pragma: no cover -- it ends at once, so that whoever gave the order adopts the copy
                    link.sendall(str(copy).encode())
                    os._exit(0)
                break
            os.waitpid(between, 0)
            link.sendall(b"\n")
            for each in given:
                os.close(each)
        else:
            raise SystemExit(0)
    for each, place in zip(given, (1, 2), strict=True):
        os.dup2(each, place)
        os.close(each)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    return list(called)

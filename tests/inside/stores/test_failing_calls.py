"""
Whatever a journal asks of its files may fail, be the last thing it does, or be interrupted: at every call.
"""

from __future__ import annotations

import errno
import linecache
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from salesflow.errors import StoreClosedError, StoreError, StoreFailedError, StoreFullError, StoreUnavailableError
from salesflow.stores import JournalStore, MemoryStore, copy_facts

from ...stores.factory import changed, dump, grow, io_error, write
from ..builders import FailingDisk
from .crashing import DEEP, NthDisk, answers, commits, dropped, fails, history, small


pytestmark = [pytest.mark.slow, pytest.mark.traced]


STEP = 1 if DEEP else 7
COMMITS = [lambda store, each=each: store.commit(each) for each in commits()]


EXPECTED = answers(COMMITS)
HISTORY = answers(history())


def write_all(folder: Path, disk: Any) -> tuple[list, list[BaseException]]:
    """Write every commit, opening again and repeating after an error; return the answers, and the errors."""
    errors: list[BaseException] = []
    store, found = None, []
    left = list(COMMITS)
    for _ in range(50):
        try:
            store = store or small(folder, disk)
            while left:
                left[0](store)
                left.pop(0)
            found = dump(store)
            store.close()
            break
        except (StoreError, OSError) as error:
            errors.append(error)
            if store is not None and not isinstance(error, (StoreFullError, StoreUnavailableError)):
                with suppress(OSError):
                    store.close()
                store = None
    return found, errors


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["failing", "full"])
def test_a_call_that_fails_once(tmp_path, number):
    """
    One call fails, whichever it is: with opening again and repeating everything is there once, and no answer is wrong.
    """
    at = 1
    while True:
        disk = NthDisk(at, fails(io_error(number)))
        found, errors = write_all(tmp_path / str(at), disk)
        if not disk.acted:
            break

        assert (EXPECTED[-1], True) == (found, len(errors) <= 1), (at, disk.acted, errors)
        with small(tmp_path / str(at)) as again:
            assert (found, ()) == (dump(again), again.check(deep=True).problems)
        at += STEP

    assert at > 60


def outcome(steps, folder: Path, disk: Any) -> tuple[int, BaseException | None]:
    """Take steps until something fails; return how many were acknowledged, and the error."""
    store, known = None, 0
    try:
        store = small(folder, disk)
        for step in steps:
            step(store)
            known += 1
        store.close()
    except (StoreError, OSError) as error:
        return known, error
    finally:
        if store is not None:
            dropped(store)
    return known, None


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC], ids=["failing", "full"])
def test_every_call_fails_from_one_on(tmp_path, number):
    """
    From some call on nothing works any more: what was acknowledged is there when it works again.
    """
    steps, at = history(), 1
    while True:
        folder = tmp_path / str(at)
        disk = NthDisk(at, fails(io_error(number)), once=False)
        known, error = outcome(steps, folder, disk)
        if not disk.acted:
            break
        with small(folder) as again:
            assert dump(again) in HISTORY[known : known + 2], (at, disk.acted[0], error)
            assert again.check(deep=True).ok
        at += STEP

    assert at > 60


def killed(folder: Path, disk: Any, steps) -> int:
    """Take steps in a child that is killed on the way; return how many it acknowledged."""
    read, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with small(folder, disk) as store:
                for step in steps:
                    step(store)
                    os.write(told, b".")
        finally:
            os._exit(0)
    os.close(told)
    os.waitpid(child, 0)
    known = len(os.read(read, 1000))
    os.close(read)
    return known


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_every_call(tmp_path, after):
    """
    A process killed before or after any call, in a line or a new file, loses nothing acknowledged.
    """
    steps, at, known = history(), 1 + after, 0
    while known < len(steps):
        folder = tmp_path / str(at)
        known = killed(folder, NthDisk(at, kill, after=after), steps)
        with small(folder) as again:
            assert dump(again) in HISTORY[known : known + 2]
            assert again.check(deep=True).ok
        at += STEP

    assert at > 60


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_while_opening(tmp_path):
    """
    A process killed at any call while it opens a journal that was torn leaves a journal that opens.
    """
    torn = tmp_path / "torn"
    with small(torn) as store:
        for step in COMMITS:
            step(store)
    last = max(torn.glob("*.sfj"))
    last.write_bytes(last.read_bytes() + b"00000000 00000000 2 {")
    known, at = 0, 1
    while not known:
        folder = tmp_path / str(at)
        shutil.copytree(torn, folder)
        known = killed(folder, NthDisk(at, kill), [dump])
        with small(folder) as again:
            assert EXPECTED[-1] == dump(again)
        at += 1 if DEEP else 2

    assert at > 10


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_killed_while_exporting(tmp_path):
    """
    A copy into a journal that is killed at any call goes on where it stopped, and nothing is there twice.
    """
    source = MemoryStore()
    for step in COMMITS:
        step(source)
    facts, at, known = source.feed().facts, 1, 0
    while not known:
        folder = tmp_path / str(at)
        known = killed(folder, NthDisk(at, kill), [lambda store: copy_facts(source, store)])
        with small(folder) as again:
            copy_facts(source, again)

            assert (facts, ()) == (again.feed().facts, again.check(deep=True).problems)
        at += 2 * STEP

    assert at > 40


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_interrupted_at_every_call(tmp_path, error, after):
    """
    A handle that is interrupted before or after any call either goes on or refuses, and never has half a commit.
    """
    at = 1 + after
    while True:
        folder = tmp_path / str(at)
        disk = NthDisk(at, fails(error()), after=after)
        known, store = 0, None
        with suppress(KeyboardInterrupt, MemoryError):
            store = small(folder, disk)
            for step in COMMITS:
                step(store)
                known += 1
            store.close()
        if not disk.acted:
            break
        if store is not None:
            go_on(store, known)
            store.close()
        with small(folder) as again:
            assert again.check(deep=True).ok
            for step in COMMITS[known:]:
                step(again)

            assert EXPECTED[-1] == dump(again)
        at += STEP

    assert at > 60


def go_on(store: JournalStore, known: int) -> None:
    """Use a handle that was interrupted: it takes the next commit, or says that it does not."""
    try:
        for step in COMMITS[known:]:
            step(store)
        found = dump(store)
    except (StoreFailedError, StoreClosedError):
        return

    assert EXPECTED[-1] == found


def test_segment_that_cannot_be_opened(tmp_path):
    """
    A check tells of a segment that the medium does not open, and goes on.
    """
    disk = NthDisk(0, fails(io_error()))
    store = small(tmp_path / "sales", disk)
    grow(store)
    found: list[str] = []
    while "open" not in disk.acted:
        disk.number = disk.calls + 1 + len(found)
        found += store.check(deep=True).problems

    assert "cannot be read (Input/output error)" in found[-1]


def test_lock_that_cannot_be_read(tmp_path):
    """
    An opening that fails with the lock in hand gives it back.
    """
    disk = NthDisk(3, fails(io_error()))
    with pytest.raises(StoreUnavailableError, match="Input/output error"):
        small(tmp_path / "sales", disk)
    small(tmp_path / "sales").close()

    assert ["read"] == disk.acted


@pytest.mark.parametrize("deep", [False, True])
def test_reading_that_fails(tmp_path, deep):
    """
    What the medium does not give back is named with its file, and the handle stays usable.
    """
    disk = NthDisk(0, fails(io_error()))
    store = small(tmp_path / "sales", disk)
    project = grow(store)
    disk.number = disk.calls + 1
    if deep:
        disk.once = False
        found = store.check(deep=True).problems

        assert "cannot be read" in found[0]
    else:
        with pytest.raises(StoreUnavailableError, match=r"cannot be read at byte \d+ \(Input/output error\)"):
            list(store.load("P-1"))
    disk.number = 0
    disk.once = True
    write(store, changed(project))

    assert [1, 2, 3, 4] == [each.version for each in store.load("P-1")]

    store.close()


@contextmanager
def mounted(folder: Path, size: str):
    """A file system of so much room; the test is skipped where none can be mounted."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_full_at_every_stage(tmp_path):
    """
    On a file system that is full at any stage nothing acknowledged is lost, and with more room everything goes on.
    """
    stopped = set()
    with mounted(tmp_path / "small", "128k") as mount:
        for pages in range(30):
            ballast, folder = mount / "ballast", mount / "sales"
            ballast.write_bytes(bytes(30 * 4096))
            os.truncate(ballast, (30 - pages) * 4096)
            known, error = outcome(history(), folder, FailingDisk())
            stopped.add((known, type(error)))
            ballast.unlink()
            with small(folder) as again:
                assert dump(again) in HISTORY[known : known + 2]
                assert again.check(deep=True).ok
                for step in COMMITS:
                    step(again)
            shutil.rmtree(folder)

    assert {StoreFullError} >= {error for _known, error in stopped if error is not type(None)}
    assert len(stopped) > 3


def interrupting(error: type[BaseException], number: int) -> tuple[Callable[..., Any], list[int]]:
    """A tracer that raises at the n-th line that the stores execute, and how many lines are left until then."""
    left, raised = [number], list[str]()

    def trace(frame: Any, event: str, _argument: Any) -> Any:
        if "/salesflow/stores/_" not in frame.f_code.co_filename:
            return None
        if event == "line":
            left[0] -= 1
            # Between a block and the end of its ``with`` the interpreter looks for no signals.
            source = linecache.getline(frame.f_code.co_filename, frame.f_lineno).strip()
            if left[0] <= 0 and not source.startswith("with ") and not raised:
                raised.append(source)
                raise error
        return trace

    return trace, left


def interrupted(folder: Path, error: type[BaseException], number: int) -> int:
    """
    Commit in a child that is interrupted at the n-th line, and goes on; return how it ended.

    It ends with 0 if all is well, with 1 if it was not interrupted any more; one that waits for ever is killed.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 99
    try:
        signal.alarm(60)
        store = small(folder)
        trace, left = interrupting(error, number)
        known = 0
        sys.settrace(trace)
        try:
            for step in COMMITS:
                step(store)
                known += 1
            store.close()
        except error:
            pass
        finally:
            sys.settrace(None)
        go_on(store, known)
        store.close()
        code = int(left[0] > 0)
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupted_at_any_line(tmp_path, error):
    """
    An interrupt at any line of a commit leaves a handle that goes on or refuses, and never half a commit.
    """
    at, stride, code = 1 + (error is MemoryError), 7 if DEEP else 211, 0
    while code == 0:
        folder = tmp_path / str(at)
        code = interrupted(folder, error, at)
        with small(folder) as again:
            for step in COMMITS:
                step(again)

            assert (EXPECTED[-1], True) == (dump(again), again.check(deep=True).ok), at
        at += stride

    assert (1, True) == (code, at > 1000), at

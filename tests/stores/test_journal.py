"""
The journal as a handle: its files, its lock, and what it does when the medium fails.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import stat
import subprocess
import sys

import pytest

from salesflow.errors import (
    ForkedHandleError,
    InputError,
    StoreClosedError,
    StoreCorruptError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreLockedError,
    StoreUnavailableError,
    TooLargeError,
)
from salesflow.stores import JournalStore
from salesflow.stores.adapting import canonical

from ..inside.builders import FailingDisk
from .factory import SEGMENT, attempt, changed, claimed, commit, dump, grow, io_error, key, notice, opened, write


@pytest.fixture
def disk():
    return FailingDisk()


@pytest.fixture
def journal(folder, disk):
    made = JournalStore(folder, disk=disk)
    disk.synced = 0
    yield made
    made.close()


def test_one_commit_is_one_line(journal, folder, disk):
    """
    A commit is one line of JSON and one sync, with everything that it had.
    """
    parts = {"key": key(), "notices": [notice()], "attempts": [attempt()]}
    journal.commit(commit(opened(), opened("P-2"), **parts))
    (_header, line) = (folder / SEGMENT).read_bytes().rstrip(b"\0").splitlines()
    text = line.split(b" ", 3)[3]
    said = json.loads(text)

    assert (1, canonical(said)) == (disk.synced, text)
    assert ["attempts", "facts", "key", "notices", "position"] == list(said)
    assert ["P-1", "P-2"] == [each["project"] for each in said["facts"]]
    assert (["P-1", "k-1", "a" * 64], 1) == (said["key"], said["position"])


def test_nothing_to_write_is_no_line(journal, disk):
    """
    A commit of nothing and a replayed one write nothing.
    """
    journal.commit(commit())
    journal.commit(commit(opened(), key=key()))
    journal.commit(commit(opened(), key=key()))

    assert 1 == disk.synced


def test_files_belong_to_their_owner(folder):
    """
    Nobody else may read the folder or any file in it.
    """
    store = JournalStore(folder / "deep" / "er")
    grow(store)
    store.close()
    path = folder / "deep" / "er" / SEGMENT
    path.write_bytes(path.read_bytes() + b"torn")
    JournalStore(path.parent).close()
    modes = {each.name.partition("-")[0]: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert {"LOCK": 0o600, SEGMENT: 0o600, "torn": 0o600} == modes
    assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)


def test_folder_is_a_file(folder):
    """
    A path that is a file is refused.
    """
    folder.touch()
    with pytest.raises(InputError, match="It is a file") as caught:
        JournalStore(folder)

    assert str(folder) == caught.value.value


def test_no_lock_beside_what_is_no_journal(folder):
    """
    A folder that is refused is left as it was, without a lock.
    """
    folder.mkdir(mode=0o700)
    (folder / SEGMENT).write_bytes(b"Dear diary")
    with pytest.raises(StoreCorruptError):
        JournalStore(folder)

    assert [folder / SEGMENT] == list(folder.iterdir())


def test_folder_of_everybody(folder):
    """
    A folder that everybody may write into is refused.
    """
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(InputError, match="chmod 700"):
        JournalStore(folder)

    assert [] == list(folder.iterdir())


@pytest.mark.parametrize("name", [SEGMENT, "LOCK", "draft"])
def test_symbolic_links(folder, tmp_path, name):
    """
    A journal never writes through a symbolic link.
    """
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    folder.mkdir(mode=0o700)
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(StoreCorruptError, match="symbolic link") as caught:
        JournalStore(folder)

    assert (str(folder / name), b"precious") == (caught.value.place, elsewhere.read_bytes())


def test_second_writer_in_this_process(journal, folder):
    """
    A second writer is refused at once with the holder, and the first one goes on.
    """
    with pytest.raises(StoreLockedError, match="one writer") as caught:
        JournalStore(folder)
    grow(journal)

    assert f"process {os.getpid()} on {os.uname().nodename}" == caught.value.holder


OPEN = """
import sys
from salesflow.errors import StoreLockedError
from salesflow.stores import JournalStore
try:
    JournalStore(sys.argv[1])
except StoreLockedError as error:
    print(error.holder)
"""


@pytest.mark.slow
def test_second_writer_in_another_process(journal, folder):
    """
    Another process is refused too, and gets in when the first one closed.
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = [sys.executable, "-c", OPEN, folder]
    refused = subprocess.run(run, capture_output=True, text=True, check=True, env=env).stdout
    journal.close()
    accepted = subprocess.run(run, capture_output=True, text=True, check=True, env=env).stdout

    assert (f"process {os.getpid()} on {os.uname().nodename}\n", "") == (refused, accepted)


def test_holder_is_unknown(journal, folder):
    """
    A lock without a name is a lock.
    """
    (folder / "LOCK").write_text("")
    with pytest.raises(StoreLockedError) as caught:
        JournalStore(folder)

    assert "unknown" == caught.value.holder


def test_failed_opening_gives_the_lock_back(folder):
    """
    After a refused opening nobody holds the folder.
    """
    JournalStore(folder).close()
    path = folder / SEGMENT
    data = path.read_bytes()
    path.write_bytes(b"x" + data)
    with pytest.raises(StoreCorruptError):
        JournalStore(folder)
    path.write_bytes(data)
    store = JournalStore(folder)

    assert None is store.recovered

    store.close()


def in_child(do):
    """Fork, and let the child do something that gives its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = do()
        finally:
            os._exit(code)
    return child


def exit_code(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def refuses(call):
    try:
        call()
    except StoreError:
        return True
    return False


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_child(journal):
    """
    A forked child is refused and may close its copy; the parent still writes, and holds the lock.
    """
    grow(journal)

    def refusals():
        calls = (journal.feed, lambda: journal.head("P-1"), lambda: grow(journal, "P-2"))
        count = sum(refuses(call) for call in calls)
        journal.close()
        return count

    refused = exit_code(in_child(refusals))
    grow(journal, "P-3")
    with pytest.raises(StoreLockedError):
        JournalStore(journal._folder)

    assert (3, None) == (refused, journal.head("P-2"))


def test_another_process_id(folder, monkeypatch):
    """
    A handle in a process that did not open it says so, and closes without waiting for anybody.
    """
    store = JournalStore(folder)
    own = os.getpid()
    monkeypatch.setattr("os.getpid", lambda: own + 1)
    with pytest.raises(ForkedHandleError, match="Open it again in the child"):
        store.head("P-1")
    store.close()
    with pytest.raises(StoreClosedError) as caught:
        store.head("P-1")

    assert "closed" in str(caught.value)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_lock_outlives_no_parent(folder):
    """
    When the parent closes, a child that still has the descriptor does not keep the lock.
    """
    store = JournalStore(folder)
    read, wake = os.pipe()

    def stay():
        os.close(wake)
        return len(os.read(read, 1))

    child = in_child(stay)
    store.close()
    again = JournalStore(folder)
    again.close()
    os.close(wake)
    os.close(read)

    assert 0 == exit_code(child)


@contextlib.contextmanager
def largest_file(size):
    """The system itself refuses to let any file of this process grow beyond *size* bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [0, 1, 17, 200])
def test_no_room(folder, room):
    """
    When the system takes no more, or only a part, nothing is written, and the store stays usable.
    """
    store = JournalStore(folder)
    project = grow(store)
    before = dump(store)
    size = len((folder / SEGMENT).read_bytes().rstrip(b"\0"))
    with largest_file(size + room), pytest.raises(StoreFullError, match="nothing was written") as caught:
        store.commit(commit(changed(project), opened("P-2"), key=key()))
    after = size, dump(store)
    write(store, changed(project))
    store.close()
    again = JournalStore(folder)

    assert errno.EFBIG == caught.value.errno
    assert ((folder / SEGMENT).stat().st_size > size, (size, before)) == (True, after)
    assert ([1, 2, 3, 4], None) == ([each.version for each in again.load("P-1")], again.recovered)

    again.close()


def test_a_reserve_of_zeros_while_writing(folder):
    """
    An open journal has room for more lines, and a closed one ends with its last line.
    """
    store = JournalStore(folder)
    grow(store)
    lines = (folder / SEGMENT).read_bytes().rstrip(b"\0")
    open_size = (folder / SEGMENT).stat().st_size
    store.close()

    assert 1024 * 1024 <= open_size - len(lines) + 5000
    assert lines == (folder / SEGMENT).read_bytes()


def test_no_reserve_to_be_had(folder):
    """
    Where the medium gives no reserve, lines grow the file one by one.
    """
    disk = FailingDisk()
    disk.failing["reserve"] = io_error()
    store = JournalStore(folder, disk=disk)
    grow(store)
    size = (folder / SEGMENT).stat().st_size
    store.close()

    assert size == (folder / SEGMENT).stat().st_size
    assert 0 < size < 1024 * 1024


def test_a_reserve_that_cannot_be_cut(folder):
    """
    A reserve that closing could not cut is taken as one by the next opening.
    """
    disk = FailingDisk()
    store = JournalStore(folder, disk=disk)
    project = grow(store)
    disk.failing["truncate"] = io_error()
    store.close()
    left = (folder / SEGMENT).stat().st_size
    again = JournalStore(folder)
    found = again.recovered, again.head(project.id)
    again.close()

    assert (None, project) == found
    assert left > 1024 * 1024 > (folder / SEGMENT).stat().st_size


def fill(store, project):
    """Write until something stops it."""
    while True:
        project = write(store, changed(project))


def test_full_disk(tmp_path):
    """
    On a disk that is really full nothing acknowledged is lost, and writing goes on after space is freed.
    """
    mount = tmp_path / "small"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", mount]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small file system cannot be mounted here")
    try:
        ballast = mount / "ballast"
        ballast.write_bytes(bytes(32 * 1024))
        store = JournalStore(mount / "sales")
        project = write(store, opened())
        with pytest.raises(StoreFullError) as caught:
            fill(store, project)
        project = store.head("P-1")
        ballast.unlink()
        project = write(store, changed(project))
        before = dump(store)
        store.close()
        again = JournalStore(mount / "sales")
        after = dump(again)
        again.close()
    finally:
        subprocess.run(["umount", mount], check=True)

    assert (errno.ENOSPC, None) == (caught.value.errno, again.recovered)
    assert before == after
    assert project.version == len(after[0])


def test_no_room_for_a_journal(folder):
    """
    A journal that cannot be created leaves nothing that a later opening stumbles over.
    """
    with largest_file(10), pytest.raises(StoreFullError) as caught:
        JournalStore(folder)
    store = JournalStore(folder)
    grow(store)

    assert (errno.EFBIG, 3) == (caught.value.errno, store.head("P-1").version)

    store.close()


def test_no_room_to_put_a_tail_aside(folder):
    """
    A torn tail that cannot be put aside is not cut.
    """
    store = JournalStore(folder)
    grow(store)
    store.close()
    path = folder / SEGMENT
    torn = path.read_bytes() + b"x" * 5000
    path.write_bytes(torn)
    with largest_file(4096), pytest.raises(StoreFullError):
        JournalStore(folder)
    store = JournalStore(folder)

    assert 5000 == store.recovered.size

    store.close()


def test_failed_sync(journal, folder, disk):
    """
    After a failed sync the handle takes no more commits and never syncs again; it still answers.
    """
    project = grow(journal)
    before = dump(journal)
    disk.failing["sync"] = io_error()
    with pytest.raises(StoreFailedError, match="open it again, and repeat"):
        journal.commit(commit(changed(project), key=key()))
    disk.failing.clear()
    synced = disk.synced
    with pytest.raises(StoreFailedError, match="Close the store"):
        journal.commit(commit(changed(project), key=key()))

    assert (synced, before) == (disk.synced, dump(journal))


def test_after_a_failed_sync(journal, folder, disk):
    """
    Opened again, the store knows by its key whether the commit in doubt was kept.
    """
    project = grow(journal)
    disk.failing["sync"] = io_error()
    with pytest.raises(StoreFailedError):
        journal.commit(commit(changed(project), key=key()))
    journal.close()
    again = JournalStore(folder)
    answer = again.commit(commit(changed(project), key=key()))

    assert (True, 4) == (answer.replayed, again.head("P-1").version)

    again.close()


def test_written_again_after_a_crash(folder, disk):
    """
    A journal that was not closed is opened as a new file with the same lines: a failed sync may have left them
    in memory alone, and another one of the same file would do nothing.
    """
    store = JournalStore(folder)
    grow(store)
    store._descriptors.close()  # as a crash does
    path = folder / SEGMENT
    before, old = path.read_bytes().rstrip(b"\0"), path.stat().st_ino
    disk.failing["sync"] = io_error()
    with pytest.raises(StoreFailedError, match="could not be written again"):
        JournalStore(folder, disk=disk)
    refused = path.stat().st_ino, sorted(each.name for each in folder.iterdir())
    disk.failing.clear()
    JournalStore(folder, disk=disk).close()

    assert (old, [SEGMENT, "LOCK"]) == refused
    assert (2, before) == (disk.synced, path.read_bytes())
    assert old != path.stat().st_ino


def test_not_written_again_after_closing(folder, disk):
    """
    What was closed is taken as it stands, until something follows the line that closing noted.
    """
    with JournalStore(folder) as store:
        project = grow(store)
    noted = (folder / "LOCK").read_bytes()
    JournalStore(folder, disk=disk).close()
    closed = disk.synced
    with JournalStore(folder) as store:
        write(store, changed(project))
    (folder / "LOCK").write_bytes(noted)
    JournalStore(folder, disk=disk).close()

    assert (0, 1) == (closed, disk.synced)


@pytest.mark.parametrize(
    "failing", [{"write": io_error()}, {"write": io_error(errno.ENOSPC), "truncate": io_error()}], ids=["write", "both"]
)
def test_failed_write(journal, disk, failing):
    """
    A write that fails for any reason but a full disk leaves the file in doubt.
    """
    project = grow(journal)
    disk.failing.update(failing)
    with pytest.raises(StoreFailedError, match="a write to"):
        journal.commit(commit(changed(project)))
    disk.failing.clear()
    with pytest.raises(StoreFailedError, match="a write to"):
        journal.commit(commit(changed(project)))

    assert project == journal.head("P-1")


def test_interrupted_commit(journal, disk):
    """
    An interrupt in the middle of a commit leaves a handle that refuses to write, never half a commit.
    """
    project = grow(journal)
    disk.failing["sync"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        journal.commit(commit(changed(project)))
    disk.failing.clear()
    with pytest.raises(StoreFailedError, match="was interrupted"):
        journal.commit(commit(changed(project)))

    assert project == journal.head("P-1")


def test_other_errors_of_opening(folder):
    """
    What the system says when opening fails for another reason makes the journal unavailable.
    """
    folder.mkdir(mode=0o700)
    (folder / "LOCK").mkdir()
    with pytest.raises(StoreUnavailableError, match="directory"):
        JournalStore(folder)
    (folder / "LOCK").rmdir()
    (folder / SEGMENT).mkdir()
    with pytest.raises(StoreUnavailableError, match="directory"):
        JournalStore(folder)


@pytest.mark.parametrize("gone", ["segment", "folder"])
def test_file_that_is_taken_away(journal, folder, gone):
    """
    Nothing is acknowledged while the file or the folder is away, and all goes on when it is back.
    """
    project = grow(journal)
    place = folder / SEGMENT if gone == "segment" else folder
    place.rename(folder.parent / "away")
    with pytest.raises(StoreUnavailableError, match="removed or replaced"):
        journal.commit(commit(changed(project)))
    (folder.parent / "away").rename(place)
    journal.commit(commit(changed(project)))

    assert 4 == journal.head("P-1").version


def test_commit_over_the_line_limit(journal):
    """
    A commit over 16 MiB is refused before it is written.
    """
    notices = [notice(text="x" * 256 * 1024) for _ in range(65)]
    with pytest.raises(TooLargeError, match="a commit takes"):
        journal.commit(commit(opened(), notices=notices))
    with journal.batch(), pytest.raises(TooLargeError, match="a commit takes"):
        journal.commit(commit(opened(), notices=notices))
    grow(journal)

    assert 3 == len(journal.feed().facts)


def test_long_lines_are_read_whole(journal):
    """
    A line longer than one read is read in several.
    """
    journal.commit(commit(opened(), notices=[notice(text="x" * 200_000), notice(text="x" * 200_000)]))

    assert [200_000, 200_000] == [len(each.work.body.params["text"]) for each in claimed(journal)]
    assert (opened().fact,) == journal.feed().facts


@pytest.mark.parametrize("damage", [b"", b"damage"], ids=["cut", "changed"])
def test_damage_under_an_open_handle(journal, folder, damage):
    """
    A line that was damaged behind the journal's back is not read.
    """
    grow(journal)
    size = (folder / SEGMENT).read_bytes().index(b"\n") + 1
    path = folder / SEGMENT
    data = path.read_bytes()
    path.write_bytes(data[: size + 40] + damage + data[size + 40 + len(damage) :] if damage else data[: size + 40])
    with pytest.raises(StoreCorruptError, match="was good when") as caught:
        list(journal.load("P-1"))

    assert f"{path}, byte {size}" == caught.value.place


def test_closing_while_reading(journal):
    """
    A history that is being read ends with an error when the store is closed under it.
    """
    grow(journal)
    facts = journal.load("P-1")
    next(facts)
    journal.close()
    with pytest.raises(StoreClosedError) as caught:
        next(facts)

    assert "closed" in str(caught.value)

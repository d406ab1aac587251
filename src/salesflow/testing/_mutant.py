"""
The pytest plugin that puts a mutant in the place of a definition, in the runs that ``salesflow mutate`` starts.

Only the environment of those runs names it. It works before the first ``conftest.py`` is imported,
because many suites build their lifecycle there.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from .._lifecycle import observers
from .mutation._running import folder_environment
from .mutation._task import LINK, ORIGINAL, VARIABLE, Wanted, note, read_task, read_wanted
from .mutation._touched import NO_TEST, TouchObserver, write_touched


_MODULES: Final = "modules.txt"
_PRELOADED: Final = ("salesflow.", "hypothesis.")


def plant(folder: Path) -> None:
    """
    From now on, return the mutant of a task wherever this process reads its original.

    This holds for a name, a file, a text, data or a definition, whether it is loaded, checked or built.

    Args:
        folder: the folder of the task; it is also noted there that the original was read.
    """
    loading = vars(import_module("salesflow.plugins._loading"))
    task, read = read_task(folder), loading["_draft"]
    note(folder, "planted")

    def draft(source: Any, plugins: Any) -> Any:
        found = read(source, plugins)
        if found.faults or not task.is_about(found.definition):
            return found
        note(folder, "reached")
        return found.__class__(task.mutant, lines=found.lines)

    loading["_draft"] = draft


def take_orders(link: socket.socket, fork: Callable[[], int] = os.fork) -> None:
    """
    Run each task whose folder is ordered in a copy of this process, and answer with its exit status.

    Returns:
        In a copy only, which goes on as a run of its own.

    Raises:
        SystemExit: at the end of the orders.
    """
    link.sendall(b"ready\n")
    with link, link.makefile() as orders:
        for order in orders:
            folder = Path(order.rstrip("\n"))
            _preload(folder.parent)
            sys.stdout.flush()
            process = fork()
            if not process:
                os.environ.update(folder_environment(folder))
                return
            _, status = os.waitpid(process, 0)
            link.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    raise SystemExit(0)


def _preload(folder: Path) -> None:
    """
    Import what the first run imported of the library, so that no later run has to.
    """
    with suppress(FileNotFoundError):  # nothing has run yet
        for name in (folder / _MODULES).read_text("utf-8").split():
            import_module(name)


class TouchWatch:
    """
    Notes during a run which tests touch which places of the lifecycle.
    """

    def __init__(self, folder: Path) -> None:
        original = read_task(folder).original
        self._folder = folder
        self._observer = TouchObserver(original.id, original.version)
        self._files: set[Path] = set()
        observers.add(self._observer)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """
        Count what follows to the test.
        """
        self._files.add(item.path)
        before = self._observer.begin(item.nodeid)
        try:
            return (yield)
        finally:
            self._observer.begin(before)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
        """
        Count what a fixture of several tests does to none of them.
        """
        before = self._observer.begin(self._observer.test if fixturedef.scope == "function" else NO_TEST)
        try:
            return (yield)
        finally:
            self._observer.begin(before)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """
        Write down what was touched.
        """
        observers.remove(self._observer)
        modules = [getattr(each, "__file__", None) for each in session.config.pluginmanager.get_plugins()]
        files = {*self._files, *(Path(each) for each in modules if each and Path(each).name == "conftest.py")}
        digest = sha256(b"\0".join(path.read_bytes() for path in sorted(files))).hexdigest()
        write_touched(self._folder, str(os.getpid()), self._observer.found, digest)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """
        Write down what had to be imported of the library, and of what its tests are written with.
        """
        loaded = [name for name, module in sys.modules.items() if getattr(module, "__file__", None)]
        names = [name for name in loaded if name.startswith(_PRELOADED)]
        (self._folder.parent / _MODULES).write_text("\n".join(names), "utf-8")


class Selection:
    """
    Keeps the tests of a run that are wanted, and leaves files out that have none of them.
    """

    def __init__(self, wanted: Wanted, root: Path) -> None:
        self._wanted = wanted
        known, kept = ({root / test.partition("::")[0] for test in tests} for tests in (wanted.known, wanted.tests))
        self._left_out = known - kept

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """
        Leave out a file without a test that is wanted.
        """
        return True if collection_path in self._left_out else None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """
        Keep the tests that are wanted; all tests of their files, where the mutant changes which tests there are.
        """
        found = {item.nodeid for item in items}
        if found - self._wanted.known or self._wanted.tests - found:
            return
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in self._wanted.tests])
        items[:] = [item for item in items if item.nodeid in self._wanted.tests]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """
    Stay warm where that is asked for, and plant the mutant. Output is not captured yet.
    """
    parent, _, number = os.environ.pop(LINK, "").partition(" ")
    if parent == str(os.getppid()):  # the command is pytest itself, and not something that starts it
        take_orders(socket.socket(fileno=int(number)))
    folder = _folder()
    plant(folder)
    wanted = read_wanted(folder)
    if wanted is not None:
        early_config.pluginmanager.register(Selection(wanted, early_config.rootpath))
    elif folder.name == ORIGINAL:
        early_config.pluginmanager.register(TouchWatch(folder))
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """
    Stop at the first failure: it is enough to notice a mutant.
    """
    config.option.maxfail = config.option.maxfail or 1


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """
    Note a module that could not be collected.
    """
    _note(report)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """
    Note a test that failed.
    """
    _note(report)


def _note(report: pytest.CollectReport | pytest.TestReport) -> None:
    if report.failed:
        note(_folder(), "failed", report.nodeid)


def _folder() -> Path:
    return Path(os.environ[VARIABLE])

"""
What the author of a store supplies, and the rest of the contract builds on.
"""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from ...typing import Capabilities, Store
from .warm import start_copy


_CHILD = "import sys; from salesflow.testing._store.tasks import main; main(sys.argv[1:])"


class Hooks(ABC):
    """
    How a store is made, opened again, crashed, and used by another process.

    Attributes:
        caps: what the store can do; what it cannot do is skipped by name.
        kills: how many writing processes are killed.
        steps: of each generated example of the model.
    """

    caps: Capabilities = Capabilities()
    kills: int = 10
    steps: int = 25

    @abstractmethod
    def make_store(self, place: Path) -> Store:
        """
        Return a store that keeps what it keeps in the folder *place*, which may have been used before.
        """
        ...

    def reopen(self, store: Store, place: Path) -> Store:
        """
        Close a store and open it again; a store that is not durable stays as it is.
        """
        if not self.caps.durable:
            return store
        store.close()
        return self.make_store(place)

    def make_reader(self, place: Path) -> Store:
        """
        Return the store at a place for reading only: a missing store is not created.

        Raises:
            NotImplementedError: a durable store has to say how.
        """
        raise NotImplementedError(f"{type(self).__name__} says its store is durable; give it make_reader as well.")

    def crash(self, store: Store) -> None:
        """
        Drop a handle as a dying process does: without closing it, its locks gone.

        Raises:
            NotImplementedError: a durable store has to say how.
        """
        raise NotImplementedError(f"{type(self).__name__} says its store is durable; give it crash(store) as well.")

    def after_crash(self, store: Store, place: Path) -> Store:
        """
        Crash a store and open it again, or skip the check if it is not durable.
        """
        self.needs("durable")
        self.crash(store)
        return self.make_store(place)

    def make_tenant(self, place: Path, tenant: str) -> Store:
        """
        Return a store of one of the tenants that share *place*.

        Raises:
            NotImplementedError: a store with tenants has to say how.
        """
        raise NotImplementedError(f"{type(self).__name__} says its store has tenants; give it make_tenant as well.")

    def spawn(self, place: Path, task: Callable[..., None], *arguments: str) -> subprocess.Popen[str]:
        """
        Run ``task(store, *arguments)`` in a new process, with a store of its own from :meth:`make_store`.

        The file of the contract's class is loaded there by its path, so it must not import
        its neighbours by relative names; otherwise override this method. Where the system
        allows it, the file is loaded once, and each process is a copy of one that has loaded it.

        Args:
            task: a function of an importable module. What it prints is read from the process.
        """
        file = inspect.getfile(type(self))
        called = (type(self).__qualname__, str(place), task.__module__, task.__name__, *arguments)
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        return start_copy(file, called, env) or subprocess.Popen(  # noqa: S603 -- this interpreter, with arguments of our own
            [sys.executable, "-c", _CHILD, file, *called], stdout=subprocess.PIPE, text=True, env=env
        )

    def needs(self, capability: str) -> None:
        """
        Skip the check if the store does not have a capability.
        """
        if not getattr(self.caps, capability):
            pytest.skip(f"the store is not {capability}")

    @pytest.fixture
    def store(self, tmp_path: Path) -> Generator[Store]:
        """
        An empty store, closed at the end.
        """
        made = self.make_store(tmp_path)
        yield made
        made.close()

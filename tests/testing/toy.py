"""
The store of the guide, and one that keeps the same in a file, for contracts that are to fail.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import re
import sys
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from salesflow.typing import Capabilities


GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-store.md"
BLOCK = re.compile(r"^```py file=(dict_\w+)\.py\n(.*?)^```", re.MULTILINE | re.DOTALL)
STATE = ("facts", "heads", "keys", "refused", "work")

for name, text in BLOCK.findall(GUIDE.read_text("utf-8")):
    module = sys.modules[name] = ModuleType(name)
    exec(compile(text, f"{GUIDE}:{name}", "exec", dont_inherit=True), module.__dict__)

DictStore, OpenWork = sys.modules["dict_store"].DictStore, sys.modules["dict_work"].OpenWork


def private(path):
    """A file to write, made for its owner alone."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")


class SavedStore(DictStore):
    """The store of the guide in a file, read and written by every call; of several processes one at a time."""

    caps = Capabilities(durable=True, multi_process=True)
    kept = STATE

    def __init__(self, place):
        super().__init__()
        self.path = Path(place) / "state"

    @contextmanager
    def use(self):
        with super().use(), self.locked():
            self.read()
            yield
            self.save()

    @contextmanager
    def locked(self):
        with private(self.path.with_name("lock")) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self):
        vars(self).update(self.saved())

    def save(self):
        self.put({name: getattr(self, name) for name in self.kept})

    def saved(self):
        return pickle.loads(self.path.read_bytes()) if self.path.exists() else {}

    def put(self, state):
        new = self.path.with_name("new")
        with private(new) as file:
            file.write(pickle.dumps(state))
        new.replace(self.path)

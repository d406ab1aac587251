"""
What the run of a mutant is told, and what it tells back: two files in a folder of its own.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import attrs

from ..._definition.reader import read_definition
from ..._definition.writer import dump
from ..._model.definition import Definition
from ...errors import InputError


VARIABLE: Final = "SALESFLOW_MUTANT"
"""The environment variable with the folder of the task."""

_TASK: Final = "task.json"
_PROOF: Final = "proof.txt"


@attrs.frozen
class Task:
    """
    Put *mutant* wherever *original* is read; both are what a file with their text would give.
    """

    original: Definition
    mutant: Definition

    def is_about(self, definition: Definition) -> bool:
        """
        Tell whether a definition is the original, in whatever form its literals are.
        """
        if definition.id != self.original.id:
            return False
        if definition == self.original:
            return True
        try:
            return read_definition(dump(definition)).definition == self.original
        except InputError:  # no file can hold it, but one holds the original
            return False


@attrs.frozen
class Proof:
    """
    What a run has told.

    Attributes:
        planted: whether the run was ready to put the mutant in place.
        reached: whether the definition was read there at all.
        test: the first test that failed.
    """

    planted: bool = False
    reached: bool = False
    test: str | None = None


def write_task(folder: Path, original: Definition, mutant: Definition) -> None:
    """
    Write the task of a run.

    Raises:
        InputError: if a definition has a literal that no file can hold.
    """
    text = json.dumps({"original": dump(original), "mutant": dump(mutant)})
    (folder / _TASK).write_text(text, "utf-8")


def read_task(folder: Path) -> Task:
    """
    Read the task of this run.
    """
    texts = json.loads((folder / _TASK).read_text("utf-8"))
    return Task(**{name: read_definition(text).definition for name, text in texts.items()})


def tell(folder: Path, word: str, more: str = "") -> None:
    """
    Note something of this run, from any of its processes: ``planted``, ``reached`` or ``failed``.
    """
    # Short lines at the end of a file do not mix, whoever writes them.
    with (folder / _PROOF).open("a", encoding="utf-8") as proof:
        proof.write(f"{word} {more}\n")


def read_proof(folder: Path) -> Proof:
    """
    Return what the run has told so far.
    """
    path = folder / _PROOF
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    told = [line.partition(" ")[::2] for line in lines]
    words = {word for word, _ in told}
    return Proof("planted" in words, "reached" in words, next((more for word, more in told if word == "failed"), None))

"""
What ``mutate`` and a run of the tests say to each other: files in a folder of the run's own.

The task is the definition with its mutant, and the tests that are wanted; the proof is what the run says of itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..._definition.reader import read_definition
from ..._definition.writer import dump
from ..._model.definition import Definition
from ..._model.frozen import noun
from ...errors import InputError


VARIABLE: Final = "SALESFLOW_MUTANT"
"""The environment variable with the folder of the task."""
LINK: Final = "SALESFLOW_MUTANT_LINK"
"""The environment variable of a process that may stay warm: whose child it has to be, and the socket of the orders."""

ORIGINAL: Final = "original"
"""The name of the folder of the run without a mutant."""

_TASK: Final = "task.json"
_WANTED: Final = "wanted.json"
_PROOF: Final = "proof.txt"


@noun
class Task:
    """
    The order to put *mutant* wherever *original* is read; both are as a file with their text would give them.
    """

    original: Definition
    mutant: Definition

    def is_about(self, definition: Definition) -> bool:
        """
        Return whether a definition is the original, in whatever form its literals are.
        """
        if definition.id != self.original.id:
            return False
        if definition == self.original:
            return True
        try:
            return read_definition(dump(definition)).definition == self.original
        except InputError:  # no file can hold it, but a file holds the original
            return False


@noun
class Proof:
    """
    The report of a run about itself.

    Attributes:
        planted: whether the run was ready to put the mutant in place.
        reached: whether the run read the definition at all.
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


@noun
class Wanted:
    """
    The tests that a run is to be content with.

    Attributes:
        tests: their ids.
        known: the ids of all tests without a mutant.
    """

    tests: frozenset[str]
    known: frozenset[str]


def write_wanted(folder: Path, tests: Iterable[str], known: Iterable[str]) -> None:
    """
    Have a run be content with some of the known tests.
    """
    (folder / _WANTED).write_text(json.dumps([list(tests), list(known)]), "utf-8")


def read_wanted(folder: Path) -> Wanted | None:
    """
    Return which tests are wanted, or ``None`` for all.
    """
    path = folder / _WANTED
    return Wanted(*map(frozenset, json.loads(path.read_text("utf-8")))) if path.exists() else None


def note(folder: Path, word: str, more: str = "") -> None:
    """
    Add a line to the proof of this run, from any of its processes: ``planted``, ``reached`` or ``failed``.
    """
    # Short lines that several processes append to a file do not mix.
    with (folder / _PROOF).open("a", encoding="utf-8") as proof:
        proof.write(f"{word} {more}\n")


def read_proof(folder: Path) -> Proof:
    """
    Return the proof of a run so far.
    """
    path = folder / _PROOF
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    notes = [line.partition(" ")[::2] for line in lines]
    words = {word for word, _ in notes}
    return Proof("planted" in words, "reached" in words, next((more for word, more in notes if word == "failed"), None))

"""
Which tests touch which places of a lifecycle: what they decide, and the stages that their projects enter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from ..._definition.expand import sources_of
from ..._lifecycle.decision import Decision
from ..._lifecycle.observers import Evaluated
from ..._model.definition import Definition
from ..._model.facts import Body, Opened, Transitioned
from ..._model.frozen import noun
from ..._model.verdict import Verdict
from ...typing import Context
from ._mutants import Mutant


NO_TEST: Final = ""
"""Stands for what is touched outside of any test: at import, and by fixtures of several tests."""

_PREFIX: Final = "touched-"


@attrs.define(eq=False)
class TouchObserver:
    """
    Notes which test touches what of a lifecycle: transitions it decides, triggers it asks for, stages it enters.

    Attributes:
        test: the test that runs now.
        found: the places by test.
    """

    lifecycle: str
    version: str
    test: str = NO_TEST
    found: dict[str, set[str]] = attrs.field(factory=dict[str, set[str]])

    def joined(self, context: Context, word: str, groups: Sequence[Sequence[Verdict]]) -> None:
        """
        What a combinator joins belongs to its transition, which is decided.
        """

    def decided(self, decision: Decision, candidates: Sequence[Evaluated]) -> None:
        """
        Note the transitions that were looked at, or the trigger that led to none.
        """
        project = candidates[0][1].project if candidates else getattr(decision, "project", None)
        if project is not None and (project.lifecycle, project.lifecycle_version) == (self.lifecycle, self.version):
            moves = [f"transition {move.transition.id}" for move, _, _ in candidates]
            self._add(*(moves or [f"trigger {decision.trigger}"]), f"stage {project.stage}")

    def written(self, lifecycle: str, version: str, body: Body) -> None:
        """
        Note the stage that a project was opened in or moved to.
        """
        if (lifecycle, version) != (self.lifecycle, self.version):
            return
        if isinstance(body, Opened):
            self._add(f"stage {body.stage}")
        elif isinstance(body, Transitioned):
            self._add(f"transition {body.transition}", f"stage {body.target}")

    def begin(self, test: str) -> str:
        """
        Count what follows to a test; return the test it was counted to.
        """
        before, self.test = self.test, test
        self.found.setdefault(test, set())
        return before

    def _add(self, *places: str) -> None:
        self.found.setdefault(self.test, set()).update(places)


@noun
class Touched:
    """
    What the tests of a run touch.

    Attributes:
        tests: the places by test.
        digest: of the files of the tests, empty where it is not known.
    """

    tests: Mapping[str, frozenset[str]]
    digest: str = ""

    def rounds(self, mutant: Mutant, original: Definition) -> Iterator[tuple[str, ...] | None]:
        """
        Yield the tests that are to be run with a mutant, in turns; ``None`` stands for all tests.

        First come those that touch what it changes. Then come those with a project in a stage that a changed transition
        leaves, because a call that raises decides nothing, and those that touch no place, because they may look at the
        graph.
        """
        near, far = _places(mutant.path, original)
        shared = self.tests.get(NO_TEST, frozenset())
        if not self.tests or not near or near & shared:
            yield None
            return
        first = tuple(test for test, touched in self.tests.items() if near & touched)
        others = self.tests.keys() - {NO_TEST, *first}
        rest = tuple(
            test for test, touched in self.tests.items() if test in others and (not touched or far & (touched | shared))
        )
        yield from filter(None, (first, rest))


def _places(path: str, original: Definition) -> tuple[frozenset[str], frozenset[str]]:
    """
    Return the places that a change touches, and the stages from which it can be noticed.

    There are none for a named rule, and for a cadence, which time alone touches.
    """
    if path.startswith(("rules.", "cadences[")):
        return frozenset(), frozenset()
    kind, _, rest = path.partition("[")
    index = int(rest.partition("]")[0])
    if kind == "stages":
        return frozenset({f"stage {original.stages[index].id}"}), frozenset()
    transition = original.transitions[index]
    touched = frozenset({f"transition {transition.id}", f"trigger {transition.trigger}"})
    return touched, frozenset(f"stage {stage}" for stage in sources_of(transition, original.stages))


def write_touched(folder: Path, name: str, found: Mapping[str, Iterable[str]], digest: str) -> None:
    """
    Write what the tests of one process touched.
    """
    data = [digest, {test: sorted(places) for test, places in found.items()}]
    (folder / f"{_PREFIX}{name}.json").write_text(json.dumps(data), "utf-8")


def read_touched(folder: Path) -> Touched:
    """
    Return what the tests of all processes of a run touched.
    """
    tests: dict[str, set[str]] = {}
    digest = ""
    for path in sorted(folder.glob(f"{_PREFIX}*.json")):
        known: Any = json.loads(path.read_text("utf-8"))
        digest = known[0]
        for test, places in known[1].items():
            tests.setdefault(test, set()).update(places)
    return Touched({test: frozenset(places) for test, places in tests.items()}, digest)

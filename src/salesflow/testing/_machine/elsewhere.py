"""
Questions that were decided, asked once more elsewhere: of a lifecycle that is built again, and in other processes.

A rule that uses ``hash()``, the order of a set, the zone of the machine, or its memory of earlier calls answers
the same when it is asked twice in a row, and otherwise there.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import attrs

from ..._codec.facts import encode_change, encode_notice, encode_verdict
from ..._codec.values import canonical
from ..._lifecycle.decision import Accepted, Decision
from ..._lifecycle.lifecycle import Lifecycle
from ..._model.frozen import noun
from ..._model.project import Project
from ...errors import EffectError, InvalidValueError, TooLargeError
from ...plugins._loading import build_lifecycle
from .invariants import require


_MOST: Final = 400
_SEEDS: Final = ("1", "2")
_ZONE: Final = "XXX+12"  # twelve hours behind UTC, in the notation that needs no table of zones
_CHILD: Final = f"import sys; from {__name__} import main; main(sys.stdin.buffer, sys.stdout.buffer)"


@noun
class Question:
    """
    What was asked of a lifecycle: the arguments of ``decide``.
    """

    lifecycle: tuple[str, str]
    project: Project
    trigger: str
    asked: Mapping[str, Any]


@attrs.define
class Questions:
    """
    Questions that were asked, with their decisions: the first and the last of each kind.
    """

    _first: dict[Any, tuple[Question, Decision]] = attrs.field(factory=dict[Any, tuple[Question, Decision]])
    _last: dict[Any, tuple[Question, Decision]] = attrs.field(factory=dict[Any, tuple[Question, Decision]])

    def keep(self, project: Project, trigger: str, asked: Mapping[str, Any], decision: Decision) -> None:
        """
        Keep a question, unless many of other kinds are kept already.
        """
        lifecycle = project.lifecycle, project.lifecycle_version
        codes = tuple([(verdict.spec.use_id, verdict.code) for verdict in decision.verdicts])
        kind = (lifecycle, project.stage, trigger, decision.accepted, codes)
        if kind in self._first:
            self._last[kind] = Question(lifecycle, project, trigger, asked), decision
        elif len(self._first) < _MOST:
            self._first[kind] = Question(lifecycle, project, trigger, asked), decision

    def check(self, lifecycles: Sequence[Lifecycle], scope: Mapping[str, Any], *, everywhere: bool = False) -> str:
        """
        Ask all of them again, in reverse order; return the results.

        Other processes are asked where plugins bring rules; the library's own rules are asked there by its tests.

        Args:
            scope: the names of a module in which lifecycles and plugins may be found that cannot be pickled.
            everywhere: whether other processes are asked without plugins as well.

        Raises:
            InvariantError: for a question that is answered otherwise.
        """
        kept = [*self._first.values(), *self._last.values()][::-1]
        known = {(one.id, one.version): one for one in lifecycles}
        questions = [question for question, _ in kept]
        before = [_answer(known[question.lifecycle], decision) for question, decision in kept]
        again = [build_lifecycle(one.definition, plugins=one.plugins) for one in lifecycles]
        _compare(questions, before, answers(again, questions), "a decision has no memory", "a lifecycle built anew")
        if not everywhere and all(len(one.plugins.known) == 1 for one in lifecycles):
            return "not asked in other processes, because no plugin brings a rule"
        sent = _sent((lifecycles, questions), scope)
        if isinstance(sent, str):
            return sent
        where = f"a process with another hash seed and the time zone {_ZONE}"
        running = [_started(seed) for seed in _SEEDS]
        told = [process.communicate(sent) for process in running]
        for process, (out, error) in zip(running, told, strict=True):
            if process.returncode:
                return f"not asked: {error.decode(errors='replace').strip().rpartition(os.linesep)[2]}"
            _compare(questions, before, pickle.loads(out), "a decision is the same everywhere", where)  # noqa: S301 -- it is ours
        return f"asked {len(questions)} questions in {len(running)} other processes"


def answers(lifecycles: Iterable[Lifecycle], questions: Iterable[Question]) -> list[str]:
    """
    Return the answers to questions, in stored form.
    """
    known = {(one.id, one.version): one for one in lifecycles}
    return [
        _answer(lifecycle, lifecycle.decide(question.project, question.trigger, **question.asked))
        for question in questions
        for lifecycle in (known[question.lifecycle],)
    ]


def _answer(lifecycle: Lifecycle, decision: Decision) -> str:
    try:
        found: list[Any] = [encode_verdict(verdict) for verdict in decision.verdicts]
        if isinstance(decision, Accepted):
            spawned = None if decision.transition.spawn is None else "a-child"
            body, notices = lifecycle.plan(decision, spawned=spawned)
            found += [decision.transition.id, *map(encode_change, body.changes), *map(encode_notice, notices)]
        return canonical(found).decode()
    except (EffectError, InvalidValueError, TooLargeError) as error:  # found by other checks
        return type(error).__name__


def _compare(
    questions: Iterable[Question], before: Iterable[str], found: Iterable[str], invariant: str, where: str
) -> None:
    for question, here, there in zip(questions, before, found, strict=True):
        said = f"deciding {question.trigger!r} in stage {question.project.stage!r} gave {here}, and {there} in {where}."
        require(invariant, here == there, said)


class _Writer(pickle.Pickler):
    """
    Pickles what a module of the user names by that name.
    """

    def __init__(self, file: BytesIO, scope: Mapping[str, Any]) -> None:
        super().__init__(file)
        self._names = {id(each): name for name, each in scope.items() if not isinstance(each, type)}

    def persistent_id(self, obj: Any) -> str | None:
        return self._names.get(id(obj))


class _Reader(pickle.Unpickler):
    """
    Reads that, with the module loaded from its file when it is first needed.
    """

    def __init__(self, file: BytesIO, name: str, path: str) -> None:
        super().__init__(file)
        self._name, self._path = name, path

    def persistent_load(self, pid: Any) -> Any:
        return getattr(self._module(), pid)

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if module_name == self._name:
            self._module()
        return super().find_class(module_name, global_name)

    def _module(self) -> Any:
        if self._name not in sys.modules:
            spec = spec_from_file_location(self._name, self._path)
            module = module_from_spec(spec)  # type: ignore[arg-type]  # a file of Python has one
            sys.modules[self._name] = module
            spec.loader.exec_module(module)  # type: ignore[union-attr]
        return sys.modules[self._name]


def _sent(task: Any, scope: Mapping[str, Any]) -> bytes | str:
    """
    Return what another process reads, or why it cannot be sent there.
    """
    name, path = str(scope.get("__name__", "")), str(scope.get("__file__", ""))
    nothing: Mapping[str, Any] = {}
    for names in (nothing, nothing if name == "__main__" else scope):
        file = BytesIO()
        try:
            _Writer(file, names).dump(task)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            why = str(error)
        else:
            return pickle.dumps((name, path, file.getvalue()))
    return f"not asked in other processes, because it cannot be sent there: {why}"


def _started(seed: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(each).absolute()) for each in sys.path])
    changed = {"PYTHONHASHSEED": seed, "TZ": _ZONE, "PYTHONPATH": path}
    return subprocess.Popen(  # noqa: S603 -- this interpreter, with a program of our own
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **changed},
    )


def main(given: Any, told: Any) -> None:
    """
    Answer questions in another process.
    """
    name, path, task = pickle.load(given)  # noqa: S301 -- from the process that started this one
    lifecycles, questions = _Reader(BytesIO(task), name, path).load()
    told.write(pickle.dumps(answers(lifecycles, questions)))

"""
The evaluation of an expression, with a bounded number of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import attrs
from celpy import celtypes
from celpy.evaluation import Activation, CELEvalError, Evaluator

from salesflow.typing import Label

from ._functions import COSTLY, FUNCTIONS, matches
from ._reading import Reading, Tree
from ._values import NoValue


STEPS: Final = 20_000
"""How many steps an answer may take. A step is one operand, or one value inside an argument."""

_CHARACTERS: Final = 100
"""The number of characters that count as one step."""

_PATTERN: Final = 1_000
"""How many steps a pattern costs that the answer has not used before: it may have been put together by a loop."""

_TOO_MUCH: Final = Label(f"it takes more than {STEPS} steps", f"求值超过 {STEPS} 步")
_MISFIT: Final = Label("its values do not go together, or are out of range", "其中的值类型不符或超出范围")
_NO_TRUTH: Final = Label("it is neither true nor false", "结果既不是真也不是假")


class Unanswered(Exception):  # noqa: N818 -- not an error
    """
    An expression gave neither yes nor no; *why* gives the reason in both languages.
    """

    why: Label

    def __init__(self, why: Label) -> None:
        self.why = why
        super().__init__(why.en)


class _TooMuch(Exception):  # noqa: N818 -- caught below
    pass


@attrs.define
class _Steps:
    left: int = STEPS

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise _TooMuch

    def weigh(self, value: object) -> None:
        """
        Spend the steps for a value, including everything inside it.
        """
        if isinstance(value, (str, bytes)):
            self.spend(1 + len(value) // _CHARACTERS)
            return
        self.spend(1)
        if isinstance(value, (list, Mapping)):
            inside = cast("Iterable[object]", value.values() if isinstance(value, Mapping) else value)
            for item in inside:
                self.weigh(item)


class _Bounded(Evaluator):
    """
    An evaluator that counts its steps, together with those of the evaluators it creates for loops.
    """

    def __init__(self, ast: Tree, activation: Activation, steps: _Steps) -> None:
        super().__init__(ast, activation)  # pyright: ignore[reportUnknownMemberType]  # it leaves the leaves open
        self._steps = steps

    def visit(self, tree: Tree) -> Any:
        self._steps.spend(1)
        return super().visit(tree)  # pyright: ignore[reportUnknownVariableType]  # as above

    def visit_children(self, tree: Tree) -> Any:
        self._steps.spend(len(tree.children))
        return super().visit_children(tree)  # pyright: ignore[reportUnknownMemberType]  # as above

    def set_activation(self, values: Mapping[str, Any]) -> Evaluator:
        # A loop copies all names for each item, which costs about as much as four steps.
        self._steps.spend(4)
        return super().set_activation(dict(values))

    def sub_evaluator(self, ast: Tree) -> Evaluator:
        return _Bounded(ast, self.activation, self._steps)


def _paying(function: Callable[..., Any], steps: _Steps) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        for value in values:
            steps.weigh(value)
        return function(*values)

    return call


def _matching(steps: _Steps) -> Callable[..., Any]:
    """
    Return the search for a pattern, which pays for each pattern once; the library keeps those it has read.
    """
    seen: set[object] = set()

    def call(text: Any, pattern: Any) -> Any:
        if pattern not in seen:
            steps.spend(_PATTERN)
            seen.add(pattern)
        return matches(text, pattern)

    return call


@attrs.frozen
class Program:
    """
    An expression that can be evaluated.
    """

    reading: Reading

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """
        Return whether the expression is true.

        Raises:
            Unanswered: it gives an error or something other than a truth value, or takes too many steps.
        """
        steps = _Steps()
        searching = _matching(steps)
        functions = FUNCTIONS | {
            name: _paying(function, steps) for name, function in {**COSTLY, "matches": searching}.items()
        }
        try:
            found = _Bounded(self.reading.tree, Activation(vars=dict(variables), functions=functions), steps).evaluate()
        except _TooMuch:
            raise Unanswered(_TOO_MUCH) from None
        except CELEvalError as error:
            raise Unanswered(_why(error)) from None
        except Exception as error:  # any other error of the library means the same
            raise Unanswered(_MISFIT) from error
        if not isinstance(found, celtypes.BoolType):
            raise Unanswered(_NO_TRUTH)
        return bool(found)


def _why(error: CELEvalError) -> Label:
    name, kind = (*error.args, None)[:2]
    if kind is NoValue:
        return Label(f"{name} has no value", f"{name} 没有值")
    return Label("a key is missing", "缺少所引用的键") if kind is KeyError else _MISFIT

"""
Many small cases as one test, since pytest takes longer for each of its tests than most cases do.
"""

from __future__ import annotations

import functools
import inspect
import reprlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import pytest


Test: TypeAlias = Callable[..., None]


def over_cases(
    names: str | Sequence[str],
    values: Iterable[Any],
    *,
    ids: Callable[[Any], object] | Iterable[object] | None = None,
) -> Callable[[Test], Test]:
    """
    Run a test over cases as ``pytest.mark.parametrize`` does, but as one test, which fails with all cases that fail.

    The cases share the fixtures of the test: it takes none that a case changes. A case has no marks of its own.
    """
    wanted = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    given = list(values)
    cases = [case.values if isinstance(case, PARAM) else case if len(wanted) > 1 else (case,) for case in given]
    assert cases, "there is no case"
    assert not [case for case in given if isinstance(case, PARAM) and case.marks], "a case with marks is a test"
    called = ids if ids is None or callable(ids) else list(ids)

    def name_of(number: int) -> str:
        if isinstance(given[number], PARAM) and given[number].id:
            return str(given[number].id)
        if isinstance(called, list):
            return str(called[number])
        return ", ".join(str(called(value)) if called else reprlib.repr(value) for value in cases[number])

    def over_all(test: Test) -> Test:
        known = inspect.signature(test)

        @functools.wraps(test)
        def tried(*args: Any, **fixtures: Any) -> None:
            failures = []
            for number, case in enumerate(cases):
                try:
                    test(*args, **fixtures, **dict(zip(wanted, case, strict=True)))
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001 -- shown at the end
                    failure.add_note(f"This is case {number + 1}: {name_of(number)}")
                    failures.append(failure)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(cases)} cases fail", failures)

        fixtures = [each for name, each in known.parameters.items() if name not in wanted]
        tried.__signature__ = known.replace(parameters=fixtures)  # type: ignore[attr-defined]  # pytest reads it
        return tried

    return over_all


PARAM = type(pytest.param())

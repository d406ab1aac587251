"""
Section E of the contract: what every store keeps to the byte, and what every store refuses.
"""

from __future__ import annotations

import logging
import traceback
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from ... import Fact, Project
from ..._codec.facts import encode_fact
from ..._codec.values import LIMIT_FACT, canonical
from ...errors import InputError, InvalidValueError, SalesflowError, TooLargeError
from ...typing import Append, FieldSet, Store
from .facts import NOW, attempt, changed, claim, commit, due, grow, key, notice, opened, write
from .hooks import Hooks


_MEBIBYTE = 1024 * 1024
_SECONDS = 2.0  # of its own work; a reader that goes through all of a bomb takes minutes
_CANARY = "c4n4ry"


def _nested(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value]
    return value


def _in_itself(value: Any, put: Callable[[Any], object]) -> Any:
    put(value)
    return value


# Values that are small to pass and large to walk, by name; made when they are needed.
_BOMBS: Mapping[str, Callable[[], Any]] = {
    "nested": lambda: _nested(100_000),
    "list_in_itself": lambda: _in_itself([], lambda value: value.append(value)),
    "mapping_in_itself": lambda: _in_itself({}, lambda value: value.update(again=value)),
    "long_decimal": lambda: Decimal("1" * 1_000_000),
}


_OUTSIDE: list[tuple[Any, str]] = [
    (float("nan"), "finite"),
    (float("inf"), "finite"),
    (2**53, "store it as text"),
    (-(2**53), "store it as text"),
    ("\ud800", "half a character"),
    ("a\0b", "U\\+0000"),
    (object(), "cannot be stored"),
]
"""Values that some store could not keep, and what the refusal says."""
_NO_IDS = [
    *("", "../x", "/etc/passwd", "a/b", "x\0", "x" * 129, "x" * 10_000, "a\n"),
    *("'; DROP TABLE facts; --", "%00", "\u202etxt", "é", "e\u0301", "😀"),
]


class Values(Hooks):
    """
    The value domain, its limits, and hostile ids.
    """

    def test_values_come_back_to_the_byte(self, store: Store) -> None:
        """
        Every value of the domain is read back as the same text, and equal.
        """
        from hypothesis import given, settings, strategies as st  # noqa: PLC0415 -- generated.py says why

        from .generated import NO_HURRY, TEXTS, VALUES  # noqa: PLC0415

        names = count()

        @settings(deadline=None, suppress_health_check=NO_HURRY)
        @given(st.lists(VALUES, max_size=4), TEXTS)
        def holds(values: list[Any], remark: str) -> None:
            name = f"P-{next(names)}"
            changes = [FieldSet(f"field_{number}", value) for number, value in enumerate(values)]
            first = opened(name, *changes, FieldSet("remark", remark))
            store.commit(commit(first, notices=[notice(name, remark=remark, values=tuple(values))]))
            (read,) = store.load(name)

            assert (first.fact, first.project) == (read, store.head(name))
            assert _text(first.fact) == _text(read)

        holds()

    def test_values_outside_the_domain(self, store: Store) -> None:
        """
        A value that some store could not keep is refused by every store, with its name.
        """
        for value, why in _OUTSIDE:
            with pytest.raises(InvalidValueError, match=why) as caught:
                store.commit(commit(opened("P-1", FieldSet("remark", value))))

            assert (value, True) == (value, "remark" in caught.value.path)
        assert () == store.feed().facts

    def test_other_parts_outside_the_domain(self, store: Store) -> None:
        """
        Notices, attempts and keys are held to the same domain.
        """
        keys = [key(name) for name in ("", "k" * 257, "a\nb", "\udc00")]
        asked = [commit(opened(), key=each) for each in keys]
        asked += [commit(opened(), notices=[notice(count=2**60)]), commit(opened(), attempts=[attempt(trigger="\0")])]
        for each in asked:
            with pytest.raises(InvalidValueError):
                store.commit(each)

        assert (None, None) == (store.head("P-1"), store.next_due("notice"))

    def test_limits_of_values(self, store: Store) -> None:
        """
        The largest and the smallest whole number, and the longest key, are kept.
        """
        last = opened("P-1", FieldSet("most", 2**53 - 1), FieldSet("least", -(2**53) + 1))
        store.commit(commit(last, key=key("k" * 256)))

        assert (last.fact, last.project) == (store.committed(key("k" * 256)), store.head("P-1"))

    def test_limit_of_a_fact(self, store: Store) -> None:
        """
        A fact of exactly the limit is kept; one byte more is refused with its size, and changes nothing.
        """
        project = write(store, opened())
        largest = _of_size(project, LIMIT_FACT)
        with pytest.raises(TooLargeError) as caught:
            store.commit(commit(_of_size(project, LIMIT_FACT + 1)))
        write(store, largest)

        assert (LIMIT_FACT + 1, LIMIT_FACT) == (caught.value.size, caught.value.limit)
        assert [1, 2] == [each.version for each in store.load("P-1")]
        assert largest.project == store.head("P-1")

    @pytest.mark.parametrize("bomb", _BOMBS)
    def test_bombs(self, store: Store, bomb: str) -> None:
        """
        A value that is made to exhaust its reader is refused with little work and within 50 MiB.
        """
        asked = commit(opened("P-1", FieldSet("remark", _BOMBS[bomb]())))
        began = thread_time()
        with pytest.raises((InvalidValueError, TooLargeError)):
            store.commit(asked)
        spent = thread_time() - began
        tracemalloc.start()
        with pytest.raises((InvalidValueError, TooLargeError)):
            store.commit(asked)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert None is store.head("P-1")
        assert spent <= _SECONDS
        assert peak <= 50 * _MEBIBYTE

    def test_failures_tell_no_values(self, store: Store, caplog: pytest.LogCaptureFixture) -> None:
        """
        What was stored, or was to be, is in no message of an error and in no record of a log.
        """
        caplog.set_level(logging.DEBUG)
        secret = FieldSet("remark", _CANARY)
        first = opened("P-1", secret, owner=_CANARY)
        work: dict[str, Any] = {"notices": [notice(remark=_CANARY)], "dues": [due()]}
        store.commit(commit(first, key=key(), **work))
        (held,) = claim(store)
        store.release(held, retry_at=None, error=_CANARY)
        again = changed(first.project, secret)
        refused = [
            commit(first, **work),
            commit(again, key=key(request="b"), **work),
            commit(again, done=[held]),
            commit(changed(first.project, secret, FieldSet("other", 2**53))),
            commit(changed(first.project, secret, FieldSet("other", f"{_CANARY}\0"))),
            commit(changed(first.project, FieldSet("remark", _CANARY * LIMIT_FACT))),
            commit(again, again),
            commit(Append(7, first.fact, first.project)),
        ]
        told = [_told(partial(store.commit, each)) for each in refused]
        told += [_told(lambda: store.release(held, retry_at=NOW, error=_CANARY))]
        told += [_told(lambda: store.extend(held, lease=timedelta(0), at=NOW)), caplog.text]

        assert [] == [each for each in told if _CANARY in each]

    def test_odd_ids(self, store: Store) -> None:
        """
        An id is data: whatever it looks like, it is stored and found.
        """
        projects = [grow(store, name) for name in ("0", "1.sfj", "CON", "LOCK", "a..b", "x" * 128)]

        assert projects == list(store.find())

    def test_hostile_ids(self, tmp_path: Path) -> None:
        """
        An id that is none is refused, and leads to no file, neither in the store's place nor outside.
        """
        place = tmp_path / "place"
        place.mkdir()
        store = self.make_store(place)
        before = sorted(tmp_path.rglob("*"))
        for name in _NO_IDS:
            with pytest.raises(InputError, match="project id"):
                store.commit(commit(opened(name)))
        after, facts = sorted(tmp_path.rglob("*")), store.feed().facts
        store.close()

        assert (before, ()) == (after, facts)

    def test_hostile_questions(self, store: Store) -> None:
        """
        Asking for an odd id, stage, owner or key finds nothing, and does no harm.
        """
        project = grow(store)
        for name in ("'; DROP TABLE facts; --", "%", "P_1", "../P-1", "p-1", ""):
            found = store.find(stage=name), store.find(owner=name), store.find(outcome=name)

            assert (name, [], [], []) == (name, *map(list, found))
            assert (None, [], []) == (store.head(name), list(store.load(name)), list(store.attempts(name)))
            assert ([project], None) == (list(store.find()), store.committed(key(project_id=name)))


def _told(call: Callable[[], object]) -> str:
    """
    Return all that a log would have of the error that a call raises.
    """
    with pytest.raises(SalesflowError) as caught:
        call()
    return "".join(traceback.format_exception(caught.value)) + repr(caught.value)


def _of_size(project: Project, size: int) -> Append:
    """
    Return a change whose fact takes exactly *size* bytes.
    """
    base = len(_text(changed(project, FieldSet("remark", "")).fact))
    return changed(project, FieldSet("remark", "x" * (size - base)))


def _text(fact: Fact) -> bytes:
    return canonical(encode_fact(fact))

"""
Section E of the contract: what every store keeps to the byte, and what every store refuses.
"""

from __future__ import annotations

from datetime import UTC
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .. import Fact, Project
from .._codec_domain import LIMIT_FACT
from .._codec_facts import encode_fact
from .._codec_values import canonical
from .._values import Money
from ..errors import InputError, InvalidValueError, TooLargeError
from ..typing import Append, FieldSet, Store
from ._facts import attempt, changed, commit, grow, key, notice, opened, write
from ._hooks import NO_HURRY, Hooks


_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.builds(Money, st.decimals(-(10**12), 10**12, places=2), st.sampled_from(["CNY", "EUR"])),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    _TEXTS,
)


class Values(Hooks):
    """
    The value domain, its limits, and hostile ids.
    """

    def test_values_come_back_to_the_byte(self, store: Store) -> None:
        """
        Every value of the domain is read back as the same text, and equal.
        """
        names = count()

        @settings(deadline=None, suppress_health_check=NO_HURRY)
        @given(st.lists(_VALUES, max_size=4), _TEXTS)
        def holds(values: list[Any], remark: str) -> None:
            name = f"P-{next(names)}"
            changes = [FieldSet(f"field_{number}", value) for number, value in enumerate(values)]
            first = opened(name, *changes, FieldSet("remark", remark))
            store.commit(commit(first, notices=[notice(name, remark=remark, values=tuple(values))]))
            (read,) = store.load(name)

            assert (first.fact, first.project) == (read, store.head(name))
            assert _text(first.fact) == _text(read)

        holds()

    @pytest.mark.parametrize(
        ("value", "why"),
        [
            (float("nan"), "finite"),
            (float("inf"), "finite"),
            (2**53, "store it as text"),
            (-(2**53), "store it as text"),
            ("\ud800", "half a character"),
            ("a\0b", "U\\+0000"),
            (object(), "cannot be stored"),
        ],
        ids=["nan", "infinity", "large", "small", "surrogate", "nul", "object"],
    )
    def test_values_outside_the_domain(self, store: Store, value: Any, why: str) -> None:
        """
        A value that some store could not keep is refused by every one, with its name.
        """
        with pytest.raises(InvalidValueError, match=why) as caught:
            store.commit(commit(opened("P-1", FieldSet("remark", value))))

        assert (True, None) == ("remark" in caught.value.path, store.head("P-1"))

    @pytest.mark.parametrize(
        "parts",
        [
            {"notices": [notice(count=2**60)]},
            {"attempts": [attempt(trigger="\0")]},
            {"key": key("")},
            {"key": key("k" * 257)},
            {"key": key("a\nb")},
            {"key": key("\udc00")},
        ],
        ids=["notice", "attempt", "no_key", "long_key", "key_of_two_lines", "key_with_half_a_character"],
    )
    def test_other_parts_outside_the_domain(self, store: Store, parts: dict[str, Any]) -> None:
        """
        Notices, attempts and keys are held to the same domain.
        """
        with pytest.raises(InvalidValueError):
            store.commit(commit(opened(), **parts))

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

    def test_deep_values(self, store: Store) -> None:
        """
        A value that is nested without end is refused before it is walked to its end.
        """
        value: Any = "end"
        for _ in range(5000):
            value = [value]
        with pytest.raises(InvalidValueError, match="nested deeper"):
            store.commit(commit(opened("P-1", FieldSet("remark", value))))

        assert None is store.head("P-1")

    @pytest.mark.parametrize("name", ["CON", "x" * 128, "a..b", "1.sfj", "LOCK", "0"])
    def test_odd_ids(self, store: Store, name: str) -> None:
        """
        An id is data: whatever it looks like, it is stored and found.
        """
        project = grow(store, name)

        assert [project] == list(store.find())

    @pytest.mark.parametrize(
        "name",
        [
            *("", "../x", "/etc/passwd", "a/b", "x\0", "x" * 129, "x" * 10_000, "a\n"),
            *("'; DROP TABLE facts; --", "%00", "\u202etxt", "é", "e\u0301", "😀"),
        ],
        ids=ascii,
    )
    def test_hostile_ids(self, tmp_path: Path, name: str) -> None:
        """
        An id that is none is refused, and leads to no file, neither in the store's place nor outside.
        """
        place = tmp_path / "place"
        place.mkdir()
        store = self.make_store(place)
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(InputError, match="project id"):
            store.commit(commit(opened(name)))
        after, facts = sorted(tmp_path.rglob("*")), store.feed().facts
        store.close()

        assert (before, ()) == (after, facts)

    @pytest.mark.parametrize("name", ["'; DROP TABLE facts; --", "%", "P_1", "../P-1", "p-1", ""], ids=ascii)
    def test_hostile_questions(self, store: Store, name: str) -> None:
        """
        Asking for an odd id, stage, owner or key finds nothing, and does no harm.
        """
        project = grow(store)
        found = (store.head(name), list(store.load(name)), list(store.attempts(name)))

        assert (None, [], []) == found
        assert [[], [], []] == [
            list(store.find(stage=name)),
            list(store.find(owner=name)),
            list(store.find(outcome=name)),
        ]
        assert ([project], None) == (list(store.find()), store.committed(key(project_id=name)))


def _of_size(project: Project, size: int) -> Append:
    """
    Return a change whose fact takes exactly *size* bytes.
    """
    base = len(_text(changed(project, FieldSet("remark", "")).fact))
    return changed(project, FieldSet("remark", "x" * (size - base)))


def _text(fact: Fact) -> bytes:
    return canonical(encode_fact(fact))

"""
Copying facts between stores.
"""

from __future__ import annotations

import pytest

from salesflow.errors import InputError
from salesflow.stores import JournalStore, MemoryStore, SqliteStore, copy_facts

from .factory import attempt, changed, commit, dump, grow, opened, write


STORES = {"memory": lambda _path: MemoryStore(), "journal": JournalStore}


@pytest.fixture(params=[(a, b) for a in STORES for b in STORES], ids="-".join, name="pair")
def _pair(request, tmp_path):
    """
    Two empty stores.
    """
    made = [STORES[name](tmp_path / str(number)) for number, name in enumerate(request.param)]
    yield made
    for store in made:
        store.close()


def facts_of(store):
    return store.feed(limit=10_000).facts


def test_equal_facts(pair):
    """
    The copy has the same facts in the same order, and the same heads.
    """
    source, target = pair
    project = grow(source)
    write(source, opened("P-2"))
    seen = []

    assert len(facts_of(source)) == copy_facts(source, target, progress=seen.append)
    assert facts_of(source) == facts_of(target)
    assert project == target.head(project.id)
    assert [len(facts_of(source))] == seen


def test_copying_on(pair):
    """
    A second copy brings what is new, and nothing twice.
    """
    source, target = pair
    project = grow(source)
    copy_facts(source, target)
    write(source, changed(project))

    assert (1, 0) == (copy_facts(source, target), copy_facts(source, target))
    assert facts_of(source) == facts_of(target)


def test_other_facts_in_the_target(pair):
    """
    A target that has something else is refused, and left as it is.
    """
    source, target = pair
    grow(source)
    write(target, opened("P-1", name="Another"))
    before = dump(target)
    with pytest.raises(InputError, match="Copy into an empty store"):
        copy_facts(source, target)

    assert before == dump(target)


def test_refused_attempts_are_copied_once(tmp_path):
    """
    Refused attempts come along in their order, also equal ones; copying again adds only what is new.
    """
    source, target = MemoryStore(), SqliteStore(tmp_path / "sales.db")
    grow(source)
    source.commit(commit(attempts=[attempt(), attempt("P-2"), attempt()]))
    copy_facts(source, target)
    source.commit(commit(attempts=[attempt("P-2")]))
    copy_facts(source, target)
    copy_facts(source, target)
    found = target.refusals().attempts
    target.close()

    assert source.refusals().attempts == found

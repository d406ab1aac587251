"""
What the contract has other processes do, each with a store of its own.

They print what they got done, line by line, and nothing before it is done.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from functools import reduce
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from multiprocessing import get_context
from pathlib import Path
from socket import socket
from threading import active_count
from time import monotonic, sleep
from typing import Any

import pytest

from ...errors import ForkedHandleError, VersionConflictError
from ...stores.adapting import entry_types
from ...typing import FieldSet, Store
from .facts import NOW, changed, claim, commit, due, grow, key, notice, opened, write
from .warm import make_copies


PROJECT = "P-1"
WAITING = "waiting"
_PATIENCE = 60  # seconds; on a busy machine a process takes long to begin


def write_without_end(store: Store, day: str, rounds: str) -> None:
    """
    Commit round after round, each time everything that a commit can hold; print each version.

    From version *v* to *v + 1* a round opens the project ``C-v``, leaves one notice and
    one deadline behind, and finishes the notice and drops the deadline of the round before.

    Args:
        day: when the work is claimed; later than every claim before.
        rounds: how many, unless killed before.
    """
    head = store.head(PROJECT)
    if head is None:
        store.commit(commit(opened(PROJECT), notices=[notice(PROJECT, 1)]))
        head = opened(PROJECT).project
        print(head.version, flush=True)  # noqa: T201 -- the parent reads it
    for version in range(head.version, head.version + int(rounds)):
        following = changed(head)
        store.commit(
            commit(
                following,
                opened(f"C-{version}"),
                key=key(f"k-{version}"),
                notices=[notice(PROJECT, version + 1)],
                dues=[due(PROJECT, visit=version)],
                dropped=[(PROJECT, version - 1)],
                done=claim(store, at=NOW + timedelta(days=int(day))),
            )
        )
        head = following.project
        print(head.version, flush=True)  # noqa: T201 -- as above


def grow_own(store: Store, name: str, facts: str) -> None:
    """
    Give a project of its own so many facts.
    """
    grow(store, name, facts=int(facts))
    print(facts, flush=True)  # noqa: T201 -- as above


def add_up(store: Store, name: str, others: str, wins: str) -> None:
    """
    Meet the others, then add 1 to the field ``sum`` of a shared project, so many times, trying again after lost races.
    """
    _meet(store, name, others)
    won = 0
    while won < int(wins):
        head = store.head(PROJECT)
        try:
            if head is None:
                store.commit(commit(opened(PROJECT, FieldSet("sum", 0))))
                continue
            store.commit(commit(changed(head, FieldSet("sum", head.fields["sum"] + 1), FieldSet("by", name))))
        except VersionConflictError:
            continue
        won += 1
    print(won, flush=True)  # noqa: T201 -- as above


def commit_once(store: Store, name: str, others: str) -> None:
    """
    Meet the others, then make one request under a key that others use as well; print whether it was a repeat.
    """
    _meet(store, name, others)
    print(store.commit(commit(opened(PROJECT), key=key())).replayed, flush=True)  # noqa: T201 -- as above


def take_all(store: Store, owner: str, others: str, tries: str) -> None:
    """
    Meet the others, then claim deadlines so many times, two at once; print their ids.
    """
    _meet(store, owner, others)
    for _ in range(int(tries)):
        for each in claim(store, "deadline", owner=owner, limit=2):
            print(each.work.id, flush=True)  # noqa: T201 -- as above


def consume(store: Store, name: str) -> None:
    """
    Follow the feed to its end: note each fact of a shared project, and keep the cursor in the same commit.

    The cursor and what was noted are fields of two projects of the consumer's own; each commit is printed.
    """
    place, ledger = store.head(f"{name}.cursor"), store.head(f"{name}.ledger")
    if place is None or ledger is None:
        pair = opened(f"{name}.cursor", FieldSet("cursor", "")), opened(f"{name}.ledger", FieldSet("noted", ""))
        store.commit(commit(*pair))
        place, ledger = pair[0].project, pair[1].project
    cursor: str = place.fields["cursor"]
    while (page := store.feed(cursor, limit=3)).facts:
        cursor = page.cursor
        noted = [str(each.version) for each in page.facts if each.project_id == PROJECT]
        if noted:
            step = changed(place, FieldSet("cursor", cursor))
            effect = changed(ledger, FieldSet("noted", " ".join([ledger.fields["noted"], *noted]).strip()))
            store.commit(commit(step, effect))
            place, ledger = step.project, effect.project
            print(cursor, flush=True)  # noqa: T201 -- as above


def transfer(store: Store, times: str) -> None:
    """
    Move money from project ``A`` to project ``B``, so many times, each time in one commit of both.
    """
    left, right = store.find(limit=2)
    for amount in range(int(times)):
        out = changed(left, FieldSet("sum", left.fields["sum"] - amount))
        into = changed(right, FieldSet("sum", right.fields["sum"] + amount))
        store.commit(commit(out, into))
        left, right = out.project, into.project


def _meet(store: Store, name: str, others: str) -> None:
    """
    Wait until so many are there, this one included, so that all begin at once.
    """
    write(store, opened(name, stage=WAITING))
    last = monotonic() + _PATIENCE
    while len(store.find(stage=WAITING)) < int(others) and monotonic() < last:
        sleep(0.001)


def fork_while_open(store: Store) -> None:
    """
    Fork with the store open; print the exit status of the child, which is 0 if the store refused it.
    """
    write(store, opened(PROJECT))
    child = get_context("fork").Process(target=be_refused, args=(store,))
    child.start()
    child.join()
    store.commit(commit(changed(opened(PROJECT).project)))
    print(child.exitcode, flush=True)  # noqa: T201 -- as above


def be_refused(store: Store) -> None:
    """
    Expect a store that another process opened to refuse reading and writing.
    """
    with pytest.raises(ForkedHandleError):
        store.head(PROJECT)
    with pytest.raises(ForkedHandleError):
        write(store, opened("P-2"))


_MODULE = "salesflow_contract_under_test"


def main(arguments: Sequence[str]) -> None:
    """
    Run a task with a store of its own.

    Args:
        arguments: the file and the qualified name of the contract's class, the place, the
            module and the name of the task, and what the task is called with.
    """
    file, *called = arguments
    _load(file)
    _run(called)


def stay_warm(link: str, file: str) -> None:
    """
    Load a contract, and run tasks in copies of this process; none where it has threads, which no copy would have.

    Args:
        link: the number of the descriptor from which orders come.
        file: the file of the contract.
    """
    with socket(fileno=int(link)) as orders:
        _load(file)
        if active_count() == 1:
            entry_types(())  # which nearly every store asks for, and are only loaded then
            gc.freeze()  # what the copies share
            _run(make_copies(orders))


def _run(called: Sequence[str]) -> None:
    name, place, module, task, *rest = called
    kind: Any = reduce(getattr, name.split("."), sys.modules[_MODULE])
    store: Store = kind().make_store(Path(place))
    with closing(store):
        getattr(import_module(module), task)(store, *rest)


def _load(file: str) -> None:
    spec: Any = spec_from_file_location(_MODULE, file)
    module = module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)

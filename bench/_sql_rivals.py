"""
Two moves of a deal that has twenty facts already, on SQLite: salesflow and the two libraries that record.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import _bare
import _recorders
import _selling
from _deal import AMOUNT, WALK
from _timing import Contender

from salesflow.stores import SqliteStore


PAST: Final = ("qualify", "propose", "negotiate", *(("hold", "resume") * 8))
"""What happened before: with the opening, twenty facts."""

NEXT: Final = ("hold", "resume")
SUBJECTS: Final = 10
WARM: Final = "salesflow, SqliteStore"
BARE: Final = "the bare statements"
COLD: Final = "salesflow, a handle that has not seen the deal"
XSTATE: Final = "xstate-statemachine, SQLiteStore at FULL"
LOGGED: Final = "xstate-statemachine, with its SQLiteLog"
EVENTS: Final = "eventsourcing, SQLite"
RIVALS: Final = (XSTATE, LOGGED, EVENTS)


def contenders(folder: Path, stack: ExitStack) -> list[Contender]:
    """
    Return a contender for each that is installed; *stack* closes what they opened.
    """
    found = ours(folder / "salesflow.db", stack)
    for module, make in (("xstate_statemachine", xstate_statemachine), ("eventsourcing", eventsourcing)):
        if find_spec(module):
            found.extend(make(folder / f"{module}.db"))
        else:
            print(f"   {module} is left out: not installed; pip install -e '.[bench]' -c bench/constraints.txt")
    return found


def ours(path: Path, stack: ExitStack) -> list[Contender]:
    """
    The pipeline that made the history, two others that read the deal's head first, and what none can be faster than.
    """
    warm, *cold = [_selling.seller_pipeline(stack.enter_context(SqliteStore(path))) for _ in range(3)]

    def deals(count: int) -> list[str]:
        opened = _selling.open_deals(warm, count)
        for deal in opened:
            for trigger in PAST:
                warm.fire(deal, trigger)
        return opened

    def walk(subject: Any) -> None:
        deal, pipelines = subject
        for pipeline, trigger in zip(pipelines, NEXT, strict=True):
            pipeline.fire(deal, trigger)

    rows = _bare.rows_of_walk(path.with_name("rows.db"))
    moves = [rows[WALK.index(trigger)]._replace(version=len(PAST) + number) for number, trigger in enumerate(NEXT, 2)]
    cursor = stack.enter_context(closing(_bare.connect(path))).cursor()

    def bare(deal: str) -> None:
        for row in moves:
            _bare.move(cursor, deal, row)

    return [
        Contender(BARE, deals, bare, len(NEXT), SUBJECTS),
        *(
            Contender(name, lambda count, each=each: [(deal, each) for deal in deals(count)], walk, len(NEXT), SUBJECTS)
            for name, each in ((WARM, (warm, warm)), (COLD, tuple(cold)))
        ),
    ]


def xstate_statemachine(path: Path) -> list[Contender]:
    """
    One ``persisted`` block an event: the last snapshot alone, and with a log of all events in one transaction.

    As installed it syncs only now and then; here it is told to sync every commit.
    """
    from xstate_statemachine import persistence

    class FullStore(persistence.SQLiteStore):
        def _connect(self) -> Any:
            connection = super()._connect()
            connection.execute("PRAGMA synchronous = FULL")
            _bare.check_full(connection.cursor())
            return connection

    store, machine = FullStore(path), _recorders.xstate_machine()
    logged = {
        "lock": persistence.PessimisticLock(),
        "plugins": [persistence.TransitionLogPlugin(persistence.SQLiteLog(store))],
    }
    numbers = iter(range(10**9))

    def contender(name: str, settings: Any) -> Contender:
        def prepare(count: int) -> Sequence[str]:
            keys = [f"deal-{next(numbers)}" for _ in range(count)]
            for key in keys:
                with persistence.persisted(store, key, machine, **settings) as deal:
                    for trigger in PAST:
                        deal.send(trigger)
            return keys

        def walk(key: str) -> None:
            for trigger in NEXT:
                with persistence.persisted(store, key, machine, **settings) as deal:
                    deal.send(trigger)

        return Contender(name, prepare, walk, len(NEXT), SUBJECTS)

    return [contender(XSTATE, {}), contender(LOGGED, logged)]


def eventsourcing(path: Path) -> list[Contender]:
    """
    Repository get, trigger, save; an aggregate of twenty events.
    """
    from eventsourcing.application import Application

    app: Any = Application(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(path)})
    with app.factory.datastore.transaction(commit=False) as cursor:
        _bare.check_full(cursor)
    deal_class = _recorders.aggregate()

    def prepare(count: int) -> Sequence[Any]:
        deals = [deal_class(AMOUNT) for _ in range(count)]
        for deal in deals:
            for trigger in PAST:
                deal.fire(trigger)
            app.save(deal)
        return [deal.id for deal in deals]

    def walk(key: Any) -> None:
        for trigger in NEXT:
            deal = app.repository.get(key)
            deal.fire(trigger)
            app.save(deal)

    return [Contender(EVENTS, prepare, walk, len(NEXT), SUBJECTS)]

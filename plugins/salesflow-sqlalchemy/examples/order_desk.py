"""
An order desk with its own table: the deal is won in the same transaction as its order is booked.

Run it with the URL of a database, or without one on a file in a temporary folder:

    python order_desk.py postgresql+psycopg://user@host/name
"""

# ruff: noqa: INP001, T201 -- a program that prints

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from salesflow_sqlalchemy import SqlAlchemyStore
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, Text, create_engine, func, insert, select

from salesflow import Actor, Definition, Lifecycle, Pipeline, Stage, Transition, build_lifecycle


METADATA = MetaData()
ORDERS = Table(
    "desk_orders", METADATA, Column("id", Integer, primary_key=True), Column("project", Text), Column("item", Text)
)


def lifecycle() -> Lifecycle:
    """
    Return a lifecycle of two stages.
    """
    return build_lifecycle(
        Definition(
            id="order_desk",
            version="1",
            initial="offered",
            outcomes=("undecided", "won"),
            stages=(Stage("offered", kind="open"), Stage("ordered", kind="won")),
            transitions=(Transition("order", source=("offered",), target="ordered", kind="exit", outcome="won"),),
        )
    )


def order(connection: Connection, deals: Lifecycle, project: str, item: str) -> None:
    """
    Book an order and win its deal: both, or neither.
    """
    connection.execute(insert(ORDERS).values(project=project, item=item))
    pipeline = Pipeline(deals, store=SqlAlchemyStore.joining(connection))
    pipeline.fire(project, "order", actor=Actor("li.wei"))
    if not item:
        msg = "an order needs an item"
        raise ValueError(msg)


def main(url: str) -> None:
    """
    Take an order that fails, and one that does not.
    """
    engine: Engine = create_engine(url)
    METADATA.create_all(engine)
    deals = lifecycle()
    with SqlAlchemyStore(engine) as store:  # makes the tables on its first day
        pipeline = Pipeline(deals, store=store)
        deal = pipeline.open("Core network upgrade", actor=Actor("li.wei"))
        for item in ("", "12 routers"):
            try:
                with engine.begin() as connection:
                    order(connection, deals, deal.id, item)
            except ValueError as error:
                print("rolled back:", error)
            with engine.connect() as connection:
                orders = connection.execute(
                    select(func.count()).select_from(ORDERS).where(ORDERS.c.project == deal.id)
                ).scalar_one()
            print("orders:", orders, "| stage:", pipeline.get(deal.id).stage)
    engine.dispose()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(f"sqlite:///{Path(folder) / 'desk.db'}")

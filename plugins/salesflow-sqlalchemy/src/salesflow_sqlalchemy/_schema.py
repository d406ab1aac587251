"""
The tables, and how they are created.

Text and whole numbers only, so both databases hold the same; times are microseconds since 1970, UTC.
Their names are fixed. All of a tenant's rows begin with its name, in every key and every index.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Identity,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    inspect,
)

from salesflow.errors import SchemaMismatchError, StoreError, in_two_languages

from . import _sql


SCHEMA: Final = 3
_CHECKED: Final = "salesflow.schema"

METADATA: Final = MetaData()

# Ids are compared byte by byte whatever the database's language, as every other store does.
_ID: Final = Text().with_variant(Text(collation="C"), "postgresql")
_WHOLE: Final = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, _ID, nullable=null)


def _whole(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, _WHOLE, nullable=null)


def _body() -> Column[Any]:
    return Column("body", Text, nullable=False)


META: Final = Table("salesflow_meta", METADATA, Column("k", Text, primary_key=True), _text("v"), sqlite_strict=True)

COUNTER: Final = Table(
    "salesflow_counter",
    METADATA,
    Column("tenant", _ID, primary_key=True),
    _whole("pos"),
    _text("ordering"),
    sqlite_strict=True,
)

HEAD: Final = Table(
    "salesflow_head",
    METADATA,
    _text("tenant"),
    _text("project"),
    _whole("version"),
    _text("stage"),
    _text("outcome"),
    _text("owner", null=True),
    _body(),
    _text("parent", null=True),
    _whole("opened"),
    _whole("closed", null=True),
    PrimaryKeyConstraint("tenant", "project", name="salesflow_head_pkey"),
    Index("salesflow_head_parent", "tenant", "parent", "project"),
    Index("salesflow_head_opened", "tenant", "opened", "project"),
    Index("salesflow_head_closed", "tenant", "closed", "project"),
    Index("salesflow_head_stage", "tenant", "stage", "project"),
    Index("salesflow_head_owner", "tenant", "owner", "project"),
    Index("salesflow_head_outcome", "tenant", "outcome", "project"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

FACT: Final = Table(
    "salesflow_fact",
    METADATA,
    _text("tenant"),
    _whole("pos"),
    _whole("xid"),  # the writing transaction in a relaxed feed, else 0
    _text("project"),
    _whole("version"),
    _whole("at"),
    _body(),
    PrimaryKeyConstraint("tenant", "pos", name="salesflow_fact_pkey"),
    UniqueConstraint("tenant", "project", "version", name="salesflow_fact_version"),
    sqlite_strict=True,
)
Index("salesflow_fact_order", FACT.c.tenant, FACT.c.xid, FACT.c.pos, postgresql_where=FACT.c.xid > 0).ddl_if(
    dialect="postgresql"
)

KEY: Final = Table(
    "salesflow_key",
    METADATA,
    _text("tenant"),
    _text("project"),
    _text("key"),
    _text("fingerprint"),
    _whole("pos"),
    _whole("at"),
    PrimaryKeyConstraint("tenant", "project", "key", name="salesflow_key_pkey"),
    Index("salesflow_key_at", "tenant", "at"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

ATTEMPT: Final = Table(
    "salesflow_attempt",
    METADATA,
    Column("id", _WHOLE, Identity(), primary_key=True),
    _text("tenant"),
    _whole("xid"),  # the writing transaction on PostgreSQL, else 0
    _text("project"),
    _body(),
    Index("salesflow_attempt_project", "tenant", "project", "id"),
    Index("salesflow_attempt_order", "tenant", "xid", "id"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

DEFINITION: Final = Table(
    "salesflow_definition",
    METADATA,
    _text("tenant"),
    _text("id"),
    _text("version"),
    _text("digest"),
    _body(),
    PrimaryKeyConstraint("tenant", "id", "version", name="salesflow_definition_pkey"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

WORK: Final = Table(
    "salesflow_work",
    METADATA,
    _text("tenant"),
    _text("id"),
    _text("kind"),  # notice | deadline
    _text("project"),
    _whole("visit", null=True),
    _whole("due"),
    _text("status"),  # ready | leased | dead
    _text("owner", null=True),
    _whole("until", null=True),
    _whole("token"),
    _whole("attempts"),
    _text("error", null=True),
    _body(),
    PrimaryKeyConstraint("tenant", "id", name="salesflow_work_pkey"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)


def _partial(name: str, condition: Any, *columns: Column[Any]) -> Index:
    return Index(name, WORK.c.tenant, *columns, postgresql_where=condition, sqlite_where=condition)


_partial("salesflow_work_due", WORK.c.status == "ready", WORK.c.kind, WORK.c.due, WORK.c.id)
_partial("salesflow_work_lease", WORK.c.status == "leased", WORK.c.kind, WORK.c.until)
_partial("salesflow_work_dead", WORK.c.status == "dead", WORK.c.kind, WORK.c.id)
_partial("salesflow_work_stay", WORK.c.kind == "deadline", WORK.c.project, WORK.c.visit)

Sequence("salesflow_position", metadata=METADATA)  # positions of relaxed feeds


def found_schema(connection: Connection) -> bool:
    """
    Return whether the tables are there, as this version makes them.

    Raises:
        SchemaMismatchError: another version of this adapter made them, and nothing leads from there to here.
    """
    return _found(connection) == str(SCHEMA)


def _found(connection: Connection) -> str | None:
    if not inspect(connection).has_table(META.name):
        return None
    found: str | None = connection.execute(_sql.SCHEMA_READ).scalar()
    if found != str(SCHEMA) and (found, connection.dialect.name) not in _sql.UPGRADES:
        raise SchemaMismatchError("this database", found=found, wanted=SCHEMA)
    return found


def make_schema(connection: Connection) -> None:
    """
    Create the tables, or migrate older tables; the caller's transaction keeps others from doing the same.
    """
    shared = connection.dialect.name == "postgresql"
    if shared:
        connection.execute(_sql.SCHEMA_LOCK)
    if found_schema(connection):
        return
    found = _found(connection)
    if found is None:
        METADATA.create_all(connection)
        for statement in _sql.ROOM if shared else ():
            connection.execute(statement)
        connection.execute(_sql.SCHEMA_WRITE, {"schema": str(SCHEMA)})
        return
    for version in range(int(found), SCHEMA):
        for statement in _sql.UPGRADES[str(version), connection.dialect.name]:
            connection.execute(statement)
    METADATA.create_all(connection)  # the tables that are missing
    connection.execute(_sql.SCHEMA_RAISE, {"schema": str(SCHEMA)})


def check_joined(connection: Connection) -> None:
    """
    Check the tables in somebody else's transaction, which is no place to make them.

    Raises:
        StoreError: they are not there.
        SchemaMismatchError: another version of this adapter made them.
    """
    # One of a host's connections joins many transactions; the tables do not change under it.
    if connection.info.get(_CHECKED):
        return
    if not found_schema(connection):
        raise StoreError(
            in_two_languages(
                "this database has no salesflow tables. Open SqlAlchemyStore(engine) once, at the start.",
                "该数据库中没有 salesflow 的表。请在启动时先打开一次 SqlAlchemyStore(engine)。",
            )
        )
    connection.info[_CHECKED] = True

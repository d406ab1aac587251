"""
The vocabulary of the library: what people call its words, such as kinds of entries, attributes, roles and guards.

Each sort of word has a file in ``words``, with tables of labels by id; it is read when the first of them is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from .frozen import EMPTY, FrozenDict
from .values import Label


_ELSEWHERE: Final = {"kpi": "dossier/kpis.toml"}
"""The sorts whose words have labels among other data about them."""


@cache
def tables_of(sort: str) -> Mapping[str, Mapping[str, Label]]:
    """
    Return the labels of a sort of words by table; empty for a sort whose words only definitions know.
    """
    import tomllib  # noqa: PLC0415 -- a move needs no words, and both load much
    from importlib.resources import files  # noqa: PLC0415

    root = files("salesflow")
    found = {each.name.removesuffix(".toml"): each for each in (root / "_model/words").iterdir()}
    file = root / _ELSEWHERE[sort] if sort in _ELSEWHERE else found.get(sort)
    data: dict[str, Any] = {} if file is None else tomllib.loads(file.read_text("utf-8"))
    if sort in _ELSEWHERE:
        data = {sort: {name: each["label"] for name, each in data["kpis"].items()}}
    return FrozenDict(
        {name: FrozenDict({each: Label(**texts) for each, texts in table.items()}) for name, table in data.items()}
    )


@cache
def words_of(sort: str) -> Mapping[str, Label]:
    """
    Return the labels of a sort of words by id: those of its file, or of a table of choices.
    """
    tables = tables_of(sort) or {sort: tables_of("choice").get(sort, EMPTY)}
    # Of a word in several tables the first.
    return FrozenDict({name: label for table in [*tables.values()][::-1] for name, label in table.items()})


def name_of(sort: str, word: str) -> Label:
    """
    Return what people call a word; one that the library does not know is written with blanks.

    Args:
        sort: ``entry`` (a kind), ``attribute``, ``choice`` or one of its tables such as ``activity``, ``artefact`` (a
            type), ``role``, ``approval``, ``deadline``, ``guard``, ``topic`` (of a notice), ``advice`` (a score or
            risk check), ``kpi``, or ``reason`` (why there is no figure). Words of other sorts are taken as they are.
        word: its id.
    """
    known = words_of(sort)
    return known.get(word) or Label(word.replace("_", " ") if known else word)


def who_of(who: str) -> Label:
    """
    Return what people call an addressee: ``role:presales`` by the role, ``project:p-1`` by the id, and others by name.
    """
    sort, _, name = who.partition(":")
    return name_of(sort, name) if sort in {"role", "project"} else Label(who)

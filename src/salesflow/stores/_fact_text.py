"""
Facts to the text that databases keep, and what they keep back to facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from json import loads
from typing import Any, TypeVar

from .. import dossier
from .._codec.facts import canonical_fact, decode_fact
from .._model.facts import EntryPut, Fact
from ..errors import InputError, SalesflowError, SchemaMismatchError, StoreCorruptError, StoreError


T = TypeVar("T")


def entry_types(extra: Iterable[type[Any]]) -> dict[str, type[Any]]:
    """
    Return the class of every kind of entry, the built-in classes and *extra*.

    Raises:
        InputError: if two classes have the same kind.
    """
    types: dict[str, type[Any]] = {}
    for found in (*dossier.BUILT_IN, *extra):
        if types.setdefault(found.kind, found) is not found:
            raise InputError("entries=", found, f"Kind {found.kind!r} belongs to {types[found.kind]!r} already.")
    return types


def fact_text(fact: Fact, types: Mapping[str, type[Any]]) -> bytes:
    """
    Return the canonical text of a fact.

    Raises:
        InputError: for an entry that the store could not read back.
        InvalidValueError, TooLargeError: outside the value domain.
    """
    for change in fact.body.changes:
        if isinstance(change, EntryPut) and types.get(change.entry.kind) is not type(change.entry):
            raise unknown_kind(change.entry.kind)
    return canonical_fact(fact)


def unknown_kind(kind: object) -> InputError:
    """
    Return the error for an entry whose class the store was not told.
    """
    return InputError("kind of entry", kind, "The store was not told its class; open it with entries=[...].")


def read_fact(text: str, types: Mapping[str, type[Any]], place: str) -> Fact:
    """
    Read what :func:`fact_text` wrote; for the errors see :func:`read_text`.
    """
    return read_text(text, lambda data: decode_fact(data, types), types, place)


def read_text(text: str | bytes, decode: Callable[[Any], T], types: Mapping[str, type[Any]], place: str) -> T:
    """
    Return what *decode* makes of a stored text.

    Raises:
        StoreCorruptError: if it is not what was written.
        StoreError: if it is whole, but an entry class does not take what it holds.
        InputError: for a kind of entry whose class is not known.
        SchemaMismatchError: if a newer version wrote it.
    """
    try:
        return decode(loads(text))
    except SchemaMismatchError as error:
        if error.wanted == tuple(sorted(types)):
            raise unknown_kind(error.found) from None
        raise
    except InputError as error:
        msg = f"{place}: {error} The data is undamaged; open the store with the classes that wrote it."
        raise StoreError(msg) from error
    except (SalesflowError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise StoreCorruptError(place, f"it does not say what was written ({error})") from error

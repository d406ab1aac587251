"""
Who approved, as messages name them.
"""

from __future__ import annotations

from collections.abc import Iterable

from .._model.values import Label, person
from ..dossier import Approval


def approvers(approvals: Iterable[Approval]) -> tuple[str | Label, ...]:
    """
    Return who decided, and of deputies for whom.
    """
    return tuple([_with_represented(person(each.by), each.on_behalf_of) for each in approvals])


def _with_represented(deputy: str, of: str | None) -> str | Label:
    return Label(f"{deputy} (deputy of {of})", f"{deputy}（代 {of}）") if of else deputy


def but_lacking(asked: str | Label, roles: tuple[str, ...]) -> Label:
    """
    Return the end of a message that says who has to grant, and then who granted with none of these roles.

    The evidence has the latter as ``lacking``.
    """
    role = "this role" if len(roles) == 1 else "any of these roles"
    en, zh = (asked, asked) if isinstance(asked, str) else (asked.en, asked.zh)
    return Label(
        f"{en}; approved without {role}: {{lacking:person}}", f"{zh}；{{lacking:person}} 已同意，但不具备所需角色"
    )

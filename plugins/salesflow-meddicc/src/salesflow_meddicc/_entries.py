"""
The entries of the plugin: frozen attrs classes with a ``kind`` that starts with the plugin's name.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal, TypeAlias, get_args

import attrs

from salesflow.errors import InputError, in_two_languages
from salesflow.typing import Label


Role: TypeAlias = Literal["champion", "economic_buyer", "technical_buyer", "user", "influencer", "opponent"]
"""The role of a person at the customer in this deal."""

ElementName: TypeAlias = Literal["metrics", "decision_criteria", "decision_process", "identify_pain", "competition"]
"""The letters of MEDDICC that are not persons."""


def _chosen(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    # An entry refuses values that it cannot hold with the error of salesflow: what, which value, what instead.
    choices = get_args(Role if attribute.name == "role" else ElementName)
    if value not in choices:
        raise InputError(
            attribute.name,
            value,
            in_two_languages(f"Use one of {', '.join(choices)}.", f"请使用以下之一：{'、'.join(choices)}。"),
        )


def _level(_instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in (0, 1, 2, 3) or isinstance(value, (bool, float)):
        raise InputError(
            attribute.name,
            value,
            in_two_languages(
                "Use 0 unknown, 1 identified, 2 validated or 3 confirmed.",
                "请使用 0（未知）、1（已识别）、2（已验证）或 3（已确认）。",
            ),
        )


@attrs.frozen
class Contact:
    """
    A person at the customer.

    Attributes:
        id: any id, unique within the project.
        role: the role of the person in this deal.
        name: the name of the person.
        evidence: how we know about the role; a hope is not evidence.
        spoken_on: the day we last spoke with each other.
    """

    kind: ClassVar[str] = "meddicc.contact"
    label: ClassVar[Label] = Label("contact in the MEDDICC", "MEDDICC 联系人")

    id: str
    role: Role = attrs.field(default="user", validator=_chosen)
    name: str = attrs.field(default="", kw_only=True)
    evidence: str = attrs.field(default="", kw_only=True)
    spoken_on: date | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class Element:
    """
    One of the other letters, and how well it is understood.

    Attributes:
        id: ``metrics``, ``decision_criteria``, ``decision_process``, ``identify_pain`` or ``competition``.
        level: 0 unknown, 1 identified, 2 validated, 3 confirmed; 2 and 3 count as 1 without evidence.
        evidence: how we know.
    """

    kind: ClassVar[str] = "meddicc.element"
    label: ClassVar[Label] = Label("element of the MEDDICC", "MEDDICC 要素")

    id: ElementName = attrs.field(validator=_chosen)
    level: int = attrs.field(default=0, validator=_level)
    evidence: str = attrs.field(default="", kw_only=True)

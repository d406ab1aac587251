"""
The MEDDICC score of a deal, 0 to 100, which guards, score and risk checks share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from salesflow import Project

from ._entries import Contact, Element, Role


WEIGHTS: Final[Mapping[str, int]] = {
    "metrics": 15,
    "economic_buyer": 15,
    "decision_criteria": 10,
    "decision_process": 10,
    "identify_pain": 15,
    "champion": 15,
    "competition": 10,
}
"""The weight of each letter, from a published card without its letter for the paper process."""

BEST: Final = 3
PERSONS: Final[tuple[Role, ...]] = ("economic_buyer", "champion")
"""The letters that are persons, and so roles of a contact."""


def known(project: Project, role: Role) -> Contact | None:
    """
    Return the contact with a role, preferably with a name and evidence; ``None`` if there is no such contact.
    """
    return _among(project.all(Contact), role)


def _among(contacts: Iterable[Contact], role: Role) -> Contact | None:
    found = [contact for contact in contacts if contact.role == role]
    return next((contact for contact in found if proved(contact)), found[0] if found else None)


def proved(contact: Contact | None) -> bool:
    """
    Return whether a contact has a name, and evidence of the role.
    """
    return contact is not None and bool(contact.name.strip() and contact.evidence.strip())


def levels(project: Project) -> dict[str, int]:
    """
    Return the level that counts for each letter, 0 to 3.

    A person counts 0 if nobody has the role, 1 without a name or evidence, and 3 with both.
    """
    return levels_of(project.all(Contact), project.all(Element))


def levels_of(contacts: Sequence[Contact], elements: Sequence[Element]) -> dict[str, int]:
    """
    Return the same of the contacts and elements of a project.
    """
    by_letter: dict[str, Element] = {element.id: element for element in elements}
    persons: dict[str, Contact | None] = {role: _among(contacts, role) for role in PERSONS}
    return {
        letter: _of_person(persons[letter]) if letter in persons else _of_element(by_letter.get(letter))
        for letter in WEIGHTS
    }


def _of_person(contact: Contact | None) -> int:
    return BEST if proved(contact) else int(contact is not None)


def _of_element(element: Element | None) -> int:
    if element is None:
        return 0
    return element.level if element.evidence.strip() else min(element.level, 1)


def share(letter: str, level: int) -> float:
    """
    Return what a letter adds to the score: ``100 * weight / all weights * level / 3``.
    """
    return 100 * WEIGHTS[letter] / sum(WEIGHTS.values()) * level / BEST

"""
Guards on the customer: what is known of it, what it confirmed, and whose deal it is.
"""

from __future__ import annotations

from typing import Any, Literal

from .._model.project import Held, Project, field_value
from .._model.values import Label, same_person
from .._model.verdict import PASS, Verdict, failed
from ..dossier import Artefact, Confirmation, Contact, CustomerRecord, Party, Registration
from ..typing import Check, Context
from ._artefacts import current_artefacts
from ._base import entry, guard, held_of, is_set, share, some


@guard(
    "customer_confirmed",
    codes={
        "customer.unconfirmed": Label(
            "The customer has not confirmed {thing:artefact} yet.", "客户尚未确认 {thing:artefact}。"
        ),
        "customer.changed": Label(
            "{thing:artefact} is another now than what {contact} confirmed; the customer has to confirm it again.",
            "{thing:artefact} 在 {contact} 确认之后有改动，须请客户重新确认。",
        ),
    },
    kinds=("confirmation", "artefact", "contact", "party"),
)
def customer_confirmed(what: str) -> Check:
    """
    Ask that a contact of the customer has confirmed *what* as it is now.

    Where there is an artefact of the type *what*, its latest version counts: the confirmation has its digest, or, of an
    artefact without one, is not older than it. A confirmation names who gave it; one by a contact of a party that is
    not the customer does not count, and neither does one whose time is ahead.
    """
    some("what", (what,) if is_set(what) else ())

    def check(ctx: Context) -> Verdict:
        project = ctx.project
        given = [
            (each, held)
            for each, held in held_of(project, Confirmation)
            if each.what == what and (each.at is None or each.at <= ctx.at) and _of_customer(project, each.contact)
        ]
        latest: tuple[Artefact, Held] | None = next(iter(current_artefacts(project, what)), None)
        if any(latest is None or _same(each, held, *latest) for each, held in given):
            return PASS
        digest = latest[0].digest or None if latest else None
        remedy = entry("confirmation", what=what, digest=digest, at=ctx.at, required=("contact",))
        if not given:
            return failed("customer.unconfirmed", remedy, thing=what)
        return failed("customer.changed", remedy, thing=what, contact=given[-1][0].contact)

    return check


def _same(confirmation: Confirmation, held: Held, artefact: Artefact, artefact_held: Held) -> bool:
    if artefact.digest:
        return confirmation.digest == artefact.digest
    return held.version >= artefact_held.version


def _of_customer(project: Project, name: str) -> bool:
    if not is_set(name):
        return False
    parties = {party.id: party.type for party in project.all(Party)}
    known = [each.party for each in project.all(Contact) if name in (each.id, each.name)]
    return not known or any(parties.get(party, "customer") == "customer" for party in known)


@guard(
    "customer_record_complete",
    codes={
        "customer.incomplete": Label(
            "The customer record is incomplete, {filled} of {needed}; still open: {lacks}.",
            "客户资料不完整（已填 {filled} 项，共 {needed} 项），待补充：{lacks}。",
        ),
    },
    kinds=("customer_record", "contact", "need", "purchase"),
)
def customer_record_complete(
    *,
    min_ratio: float = 1.0,
    facts: tuple[str, ...] = ("industry", "region"),
    contacts: tuple[str, ...] = ("economic_buyer",),
    records: tuple[Literal["need", "purchase"], ...] = (),
) -> Check:
    """
    Ask that at least the share *min_ratio* of what has to be known of the customer is filled in.

    That is its name, the *facts*, who is who, and *records*. Of several customer records the verdict is about the most
    complete.

    Args:
        min_ratio: 0 to 1, of all that has to be known.
        facts: topics of the record.
        contacts: roles at the customer, each named in the record or held by a contact.
        records: of what there has to be an entry: needs, purchases.
    """
    ratio = share("min_ratio", min_ratio)
    needed = 1 + len(facts) + len(contacts) + len(records)

    def check(ctx: Context) -> Verdict:
        held = {role for each in ctx.project.all(Contact) for role in each.roles}
        roles = tuple(role for role in contacts if role not in held)
        judged = [(*_lacks(each, facts, roles), each.id) for each in ctx.project.all(CustomerRecord)]
        unnamed, blank, unknown, name = min(judged, key=_open, default=(("name",), facts, roles, None))
        absent = tuple(kind for kind in records if not ctx.project.held(kind))
        lacks = (*unnamed, *blank, *unknown, *absent)
        filled = needed - len(lacks)
        if name is not None and filled >= ratio * needed:
            return PASS
        remedies = [entry(kind) for kind in absent]
        if len(lacks) > len(absent):
            record: dict[str, Any] = {"required": unnamed, "facts": blank or None, "contacts": unknown or None}
            remedies.insert(0, entry("customer_record", id=name, **record))
        return failed("customer.incomplete", *remedies, filled=filled, needed=needed, lacks=lacks)

    return check


def _lacks(
    record: CustomerRecord, facts: tuple[str, ...], roles: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return (
        () if is_set(record.name) else ("name",),
        tuple(topic for topic in facts if not is_set(record.facts.get(topic))),
        tuple(role for role in roles if not is_set(record.contacts.get(role))),
    )


def _open(judged: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str]) -> int:
    return sum(map(len, judged[:3]))


def _customer_field(*_args: object, customer: str = "", **_params: object) -> tuple[str, ...]:
    return (customer,) if customer else ()


@guard(
    "registration_valid",
    codes={
        "registration.missing": Label("The deal is not registered.", "该商机尚未报备。"),
        "registration.expired": Label(
            "The registration by {by} has expired; it was valid until {until}.",
            "{by} 的报备已失效，有效期至 {until}。",
        ),
    },
    reads=_customer_field,
    kinds=("registration",),
)
def registration_valid(*, customer: str = "") -> Check:
    """
    Ask that the deal is registered on the day of the decision (报备).

    Args:
        customer: the field that names the customer whose registration it has to be; blank for any.
    """

    def check(ctx: Context) -> Verdict:
        wanted = str(field_value(ctx.project, customer) or "") if customer else None
        known = [each for each in ctx.project.all(Registration) if wanted is None or same_person(each.customer, wanted)]
        if any(each.holds_on(ctx.today) for each in known):
            return PASS
        remedy = entry("registration", customer=wanted, registered_on=ctx.today, valid_until=ctx.today)
        if not known:
            return failed("registration.missing", remedy)
        last = max(known, key=lambda each: (each.registered_on, each.id))
        until = last.released_on or last.valid_until
        return failed("registration.expired", remedy, by=last.by, until=until)

    return check

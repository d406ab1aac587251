"""
Guards over people: who approved, and who acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias, cast

from .._model.frozen import EMPTY
from .._model.project import Held, Project
from .._model.values import Label, person, same_person
from .._model.verdict import PASS, Verdict, failed, passed, unknown
from ..dossier import Approval
from ..typing import Check, Context
from ._approvers import approvers, but_lacking
from ._base import asked_of, at_least, cure, days, guard, held_of, some
from ._bound import bound_value


DistinctFrom: TypeAlias = Literal["", "owner", "requester", "actor"]

Mode: TypeAlias = Literal["any", "all", "in_order"]

_ROLE: Final = "role:"


class Votes(NamedTuple):
    """
    What was decided by those who may: one approval in each list for each person who acted.
    """

    refused: tuple[Approval, ...]
    own: tuple[Approval, ...]
    changed: tuple[Approval, ...]
    expired: tuple[Approval, ...]
    void: tuple[Approval, ...]
    granted: tuple[Approval, ...]


class Asked(NamedTuple):
    """
    What a use of the guard asks for.
    """

    name: str
    quorum: int
    roles: tuple[str, ...]
    mode: Mode
    distinct_from: DistinctFrom
    binds: tuple[str, ...]
    any_visit: bool


def _reads(*_args: Any, distinct_from: str = "", **_params: Any) -> tuple[str, ...]:
    return ("owner",) if distinct_from == "owner" else ()


def _binds(name: str, *, binds: tuple[str, ...] = (), **_params: Any) -> Mapping[str, tuple[str, ...]]:
    return {name: binds}


@guard(
    "approval",
    codes={
        "approval.pending": Label(
            "Approval {name:approval} is pending: {granted} of {quorum} granted{asked}.",
            "审批 {name:approval} 尚未完成：已同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.refused": Label(
            "Approval {name:approval} was refused by {by}.",
            "审批 {name:approval} 已被 {by} 否决。",
        ),
        "approval.changed": Label(
            "Approval {name:approval} by {by} no longer counts: {bound} was {was} when it was given, and is "
            "{now}{asked}.",
            "审批 {name:approval}（{by}）已失效：批准时 {bound} 为 {was}，现为 {now}{asked}。",
        ),
        "approval.expired": Label(
            "Approval {name:approval} by {by} has expired: {granted} of {quorum} still count{asked}.",
            "审批 {name:approval} 中 {by} 的同意已过期：有效同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.self": Label(
            "{by} may not grant approval {name:approval} alone: {granted} of {quorum} granted by others{asked}.",
            "审批 {name:approval} 须由 {by} 以外的人作出：他人已同意 {granted} 人，需 {quorum} 人{asked}。",
        ),
        "approval.deputy": Label(
            "Approval {name:approval} is granted by {by}.",
            "审批 {name:approval} 已由 {by} 同意。",
        ),
        "approval.no_owner": Label(
            "Cannot tell who may grant approval {name:approval} while the project has no owner.",
            "项目尚未指定负责人，无法判断谁可以审批 {name:approval}。",
        ),
    },
    reads=_reads,
    kinds=("approval",),
    binds=_binds,
)
def approval(
    name: str,
    *,
    quorum: int = 1,
    roles: tuple[str, ...] = (),
    mode: Mode = "any",
    distinct_from: DistinctFrom = "",
    binds: tuple[str, ...] = (),
    any_visit: bool = False,
    expires_days: int = 0,
) -> Check:
    """
    Ask that enough people granted the approval *name* in the current visit, and that none declined.

    A refusal stands until the same person grants. Approvals of an artefact are not counted here. An approval is
    given for what *binds* names: where one of them is another now, it does not count any more.

    What a deputy says counts as the decision of the person represented, in the roles that the directory gave. A person
    who approves and also represents another person counts once in a quorum. Whoever's own approval does not count can
    neither grant as a deputy nor through one.

    Args:
        quorum: how many different people.
        roles: each approver held one of them; empty if any actor may approve.
        mode: whether a person of ``any`` of the roles is enough, one of each of them has to grant (``all``), or one
            of each after the other (``in_order``); the last two need roles, and the quorum is that of each role.
        distinct_from: whose own approval does not count: the project's ``owner``, the ``requester`` who opened
            it, or the ``actor`` of this move. Owner is who it was when the approval was given, who it is, and who
            it would be.
        binds: fields, and kinds of entries, that it is given for. Goals, KPI targets and success criteria are
            frozen by it: metric, target, unit and due date of each stay as they are under their version.
        any_visit: whether one that was given in an earlier stay counts as well.
        expires_days: how many days of 24 hours an approval is good for; 0 for ever.
    """
    at_least(1, quorum=quorum)
    if mode != "any":
        some("roles", roles)
    term = days("expires_days", expires_days)
    use = Asked(name, quorum, roles, mode, distinct_from, binds, any_visit)

    def check(ctx: Context) -> Verdict:
        if distinct_from == "owner" and not person(ctx.project.owner):
            return unknown("approval.no_owner", cure("field", "owner"), name=name)
        given, deputies = _given(ctx, use), dict[str, Approval]()
        oldest = ctx.at - term if term else None
        for among in ((each,) for each in roles) if mode != "any" else (roles,):
            of_role = [each for each in given if not among or not set(among).isdisjoint(each[0].roles)]
            votes = _sorted(ctx, use, of_role, oldest)
            code, by = _finding(votes, quorum)
            if code:
                return _missing(ctx, use, code, by, votes, among)
            deputies.update((each.id, each) for each in votes.granted if each.on_behalf_of)
            if mode == "in_order":  # an approval of the next role before this role was complete does not count
                granted = [each for each in of_role if _pile(ctx, use, *each, oldest) == "granted"]
                late = sorted(granted, key=lambda each: _when(*each), reverse=True)
                first = {person(each.by): _when(each, held) for each, held in late}
                given = [each for each in given if _when(*each) >= sorted(first.values())[quorum - 1]]
        return passed("approval.deputy", name=name, by=approvers(deputies.values())) if deputies else PASS

    return check


def _missing(
    ctx: Context, use: Asked, code: str, by: tuple[Approval, ...], votes: Votes, among: tuple[str, ...]
) -> Verdict:
    """
    Return the verdict that says who has to grant, and what is in the way.
    """
    rule: dict[str, Any] = {"roles": among, "quorum": use.quorum, "distinct_from": use.distinct_from}
    if use.distinct_from:
        rule["not_by"] = _not_by(ctx, use)
    if votes.refused:
        rule["by"] = tuple([each.on_behalf_of or each.by for each in by])  # nobody else can take a refusal back
    lacking = _lacking(ctx, use, among)
    asked = _asked(use, among)
    about: Mapping[str, Any] = EMPTY if code != "approval.changed" else _difference(ctx, use, by[0])
    remedy = cure("approval", use.name, **rule)
    granted = len(votes.granted)
    known: dict[str, Any] = {
        "name": use.name,
        "quorum": use.quorum,
        "granted": granted,
        "roles": among,
        "every": use.roles,
    }
    known |= {"by": approvers(by), "asked": asked}
    if lacking:
        known |= {"lacking": lacking, "asked": but_lacking(asked, use.roles)}
    return failed(code, remedy, **known, **about)


def _asked(use: Asked, among: tuple[str, ...]) -> str | Label:
    """
    Return the roles that have to grant, and how all of the approval do: any (或签), all (会签), in order (逐级).
    """
    if not among:
        return ""
    if use.mode == "any" or len(use.roles) == 1:
        return asked_of(among)
    if use.mode == "all":
        return Label(" ({roles:role}; all of {every:role})", "（{roles:role}；会签：{every:role}）")
    return Label(" ({roles:role}; in order {every:role})", "（{roles:role}；逐级：{every:role}）")


def _lacking(ctx: Context, use: Asked, among: tuple[str, ...]) -> tuple[str | Label, ...]:
    """
    Return who granted with none of the roles asked for, and would count with one of them.
    """
    if not among:
        return ()
    given = _given(ctx, use)
    able = {person(each.by) for each, _ in given if not set(use.roles).isdisjoint(each.roles)}
    votes = _sorted(ctx, use, [each for each in given if person(each[0].by) not in able], None)
    return approvers(votes.granted)


def _not_by(ctx: Context, use: Asked) -> str | None:
    if use.distinct_from == "owner":
        return person(ctx.project.owner)
    return ctx.project.opened_by if use.distinct_from == "requester" else ctx.actor.name


def _excluded(ctx: Context, use: Asked, given: Approval) -> bool:
    """
    Tell whether an approval is the own word of whom the use leaves out.

    The owner and the requester are those of when it was given, those that are stored, those that are proposed, and who
    handed the project on in this visit, so that neither the move nor a change before it makes room for it.
    """
    stored = ctx.stored or ctx.project
    among = {
        "": (),
        "owner": (given.owner, stored.owner, ctx.project.owner, *stored.former_owners),
        "requester": (given.requester, ctx.project.opened_by),
        "actor": (ctx.actor.name,),
    }[use.distinct_from]
    return any(same_person(who, each) for who in (given.by, given.on_behalf_of) for each in among)


def _given(ctx: Context, use: Asked) -> list[tuple[Approval, Held]]:
    visit = ctx.project.visit.number
    return [
        (given, held)
        for given, held in held_of(ctx.project, Approval)
        if given.name == use.name and given.subject is None and (use.any_visit or given.visit == visit)
    ]


def _when(given: Approval, held: Held) -> datetime:
    return given.at or held.at


def _sorted(ctx: Context, use: Asked, approvals: Iterable[tuple[Approval, Held]], oldest: datetime | None) -> Votes:
    found: dict[str, dict[str, Approval]] = {pile: {} for pile in Votes._fields}
    for given, held in approvals:
        found[_pile(ctx, use, given, held, oldest)].setdefault(person(given.by), given)
    return Votes(**{pile: tuple([people[who] for who in sorted(people)]) for pile, people in found.items()})


def _pile(ctx: Context, use: Asked, given: Approval, held: Held, oldest: datetime | None) -> str:
    late = oldest is not None and _when(given, held) < oldest
    if not given.granted:
        return "refused"
    if _excluded(ctx, use, given):
        return "void" if late else "own"  # an approval that would not count either is not worth renewing
    if _changed(ctx.project, use, given) is not None:
        return "changed"
    return "expired" if late else "granted"


def _changed(project: Project, use: Asked, given: Approval) -> str | None:
    """
    Return the first name that is another now than when the approval was given; one it does not know is another.
    """
    for name in use.binds:
        if name not in given.bound or given.bound[name] != bound_value(project, name):
            return name
    return None


def _difference(ctx: Context, use: Asked, given: Approval) -> Mapping[str, Any]:
    """
    Return what a verdict says of the first change that voids an approval.
    """
    project = ctx.project
    what = str(_changed(project, use, given))
    was, now = (_said(each) for each in (given.bound.get(what), bound_value(project, what)))
    bound = Label("{what:entry}" if project.held(what) or isinstance(was, tuple) else "{what:field}")
    return {"what": what, "bound": bound, "was": was, "now": now}


def _said(value: Any) -> Any:
    """
    Return a bound value as a verdict shows it: of entries, their ids with the beginning of their digests.
    """
    if isinstance(value, Mapping):
        digests = cast("Mapping[str, str]", value)
        return tuple(f"{key} ({digest[:8]})" for key, digest in digests.items())
    return "-" if value is None else value


def _finding(votes: Votes, quorum: int) -> tuple[str, tuple[Approval, ...]]:
    if votes.refused:
        return "approval.refused", votes.refused
    if len(votes.granted) >= quorum:
        return "", ()
    for pile in ("own", "changed", "expired"):
        by: tuple[Approval, ...] = getattr(votes, pile)
        if by:
            return "approval.self" if pile == "own" else f"approval.{pile}", by
    return "approval.pending", votes.granted


def _fields(*_names: str, fields: tuple[str, ...] = (), **_params: Any) -> tuple[str, ...]:
    return fields


def _addressees(ctx: Context, fields: tuple[str, ...]) -> tuple[str, ...]:
    """
    Return whom fields name as they are stored; nobody where only a directory knows who that is, such as a team.
    """
    values: list[Any] = [(ctx.stored or ctx.project).fields.get(each) or () for each in fields]
    names = [person(name) for value in values for name in ((value,) if isinstance(value, str) else value)]
    unknown_here = any(name in ("owner", "team") or (":" in name and name[:5] != _ROLE) for name in names)
    return () if unknown_here else tuple(filter(None, names))


@guard(
    "actor_has_role",
    codes={
        "actor.role": Label(
            "{actor} may not do this; it takes one of these roles: {roles}.",
            "{actor} 无权执行此操作，须具备以下角色之一：{roles}。",
        ),
        "actor.not_named": Label(
            "{actor} may not do this; it is up to {who}.",
            "{actor} 无权执行此操作，应由 {who} 执行。",
        ),
    },
    reads=_fields,
)
def actor_has_role(*roles: str, fields: tuple[str, ...] = ()) -> Check:
    """
    Ask that whoever makes this move has one of *roles*, or is named by a field.

    Args:
        *roles: any of them is enough.
        fields: fields with names of people, or with roles as addressees, ``role:sales_director``,
            read before the move changes them. Without *roles*, fields that are blank bar nobody, nor do addressees
            that only a directory knows, such as ``team``.
    """
    some("roles", (*roles, *fields))

    def check(ctx: Context) -> Verdict:
        actor, named = ctx.actor, _addressees(ctx, fields)
        people = tuple([each for each in named if each[:5] != _ROLE])
        able = (*roles, *(each[5:] for each in named if each[:5] == _ROLE))
        if not (able or people) or not actor.roles.isdisjoint(able) or any(same_person(actor.name, x) for x in people):
            return PASS
        remedies = [cure("role", role) for role in able]
        if not people:
            return failed("actor.role", *remedies, actor=actor.name, roles=able)
        remedies.append(cure("role", "somebody_named", by=people))
        who = Label("{people:person}, {roles:role}", "{people:person}、{roles:role}") if able else people
        return failed("actor.not_named", *remedies, actor=actor.name, people=people, roles=able, who=who)

    return check


@guard(
    "not_same_actor",
    codes={
        "actor.same": Label(
            "{actor} took {transition} and may not do this as well; somebody else has to.",
            "{transition} 由 {actor} 执行，此操作须由他人执行。",
        ),
        "actor.named": Label(
            "{actor} is the {field} and may not do this; somebody else has to.",
            "{actor} 是{field}，此操作须由他人执行。",
        ),
    },
    reads=_fields,
    kinds=("taken",),
)
def not_same_actor(*transitions: str, fields: tuple[str, ...] = ()) -> Check:
    """
    Ask that the actor of this move did not last take one of these *transitions*, and is not named in a field.

    For who moved the project into a stage, name the transitions that lead there. A transition that was never taken bars
    nobody.

    Args:
        *transitions: their ids.
        fields: fields with a name of a person, such as the owner, who may not approve what is their own: as stored,
            and as the move hands it in.
    """
    some("transitions", (*transitions, *fields))

    def check(ctx: Context) -> Verdict:
        taken_by, actor = ctx.project.taken_by, ctx.actor.name
        seen = (ctx.project, *([] if ctx.stored is None else [ctx.stored]))
        barred = [(each, str(project.fields.get(each) or "")) for each in fields for project in seen]
        people = [taken_by[each] for each in transitions if each in taken_by]
        names = dict.fromkeys((*people, *(name for _, name in barred)))
        remedy = cure("role", "somebody_else", not_by=tuple(each for each in names if each))
        for each in transitions:
            if same_person(taken_by.get(each), actor):
                return failed("actor.same", remedy, actor=actor, transition=each)
        for each, name in barred:
            if same_person(name, actor):
                return failed("actor.named", remedy, actor=actor, field=each)
        return PASS

    return check

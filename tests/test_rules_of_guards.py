"""
Rules: lists of guards with a name, which stand for their guards in any list of guards.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, strategies as st

import salesflow as sf
from salesflow import Money, Transition, guards
from salesflow.testing import guard_uses
from salesflow.typing import GuardUse

from .cases import over_cases
from .factory import BOSS, approved, build, changed, decide, definition, moved, opened
from .strategies import fields


FIVE = Money(5, "CNY")
TEXT = """\
id = "deal"

[[fields]]
id = "owner"

[[fields]]
id = "amount"
type = "money"

[[fields]]
id = "rush"
type = "bool"

[rules.sales_sign_off]
guards = [
  { use = "fields_present", fields = ["owner", "amount"] },
  { use = "approval", id = "price", name = "price", roles = ["sales_director"], binds = ["amount"] },
]

[[stages]]
id = "lead"
kind = "open"

[[stages]]
id = "offered"

[[stages]]
id = "won"
kind = "won"

[[transitions]]
id = "offer"
source = "lead"
target = "offered"
guards = [ { rules = "sales_sign_off", when = { rush = { set = false } } } ]

[[transitions]]
id = "sign"
source = "offered"
target = "won"
guards = [
  { use = "fields_present", fields = ["owner"] },
  { any_of = [ { rules = "sales_sign_off" }, { use = "actor_has_role", roles = ["ceo"] } ] },
]
"""


def said(decision: Any) -> list[tuple[str, str]]:
    """Id and status of each verdict."""
    return [(verdict.spec.use_id, verdict.status) for verdict in decision.verdicts]


def codes(written: Any) -> list[tuple[str, str]]:
    """Path and code of everything that is found."""
    report = sf.check_definition(written)
    return [(each.path, each.code) for each in (*report.faults, *report.warnings)]


def test_a_rule_stands_for_its_guards():
    """
    Each guard of a rule answers by itself, and its id says which rule it is from.
    """
    lifecycle = sf.build_lifecycle(sf.load_definition(text=TEXT))
    project = opened(lifecycle, {"owner": "li"})
    refused = decide(lifecycle, project, "offer")
    project = approved(lifecycle, changed(lifecycle, project, {"amount": FIVE}), "price")

    assert [("sales_sign_off.fields_present", "fail"), ("sales_sign_off.price", "fail")] == said(refused)
    assert [("field", "amount"), ("approval", "price")] == [(each.kind, each.name) for each in refused.missing][:2]
    assert decide(lifecycle, project, "offer").accepted


def test_a_condition_holds_for_every_guard_of_the_rule():
    """
    Where the condition of the use is false, all of its guards are skipped.
    """
    lifecycle = sf.build_lifecycle(sf.load_definition(text=TEXT))
    accepted = decide(lifecycle, opened(lifecycle, {"rush": True}), "offer")

    assert [("sales_sign_off.fields_present", "skipped"), ("sales_sign_off.price", "skipped")] == said(accepted)


def test_in_a_combinator_all_guards_of_a_rule_are_met_or_none_is():
    """
    An owner and an amount are not enough for a rule that also asks for an approval.
    """
    lifecycle = sf.build_lifecycle(sf.load_definition(text=TEXT))
    project = moved(lifecycle, opened(lifecycle, {"owner": "li", "amount": FIVE, "rush": True}), "offer")
    refused, by_the_boss = decide(lifecycle, project, "sign"), decide(lifecycle, project, "sign", actor=BOSS)
    signed = approved(lifecycle, project, "price")
    inner = refused.verdicts[1].inner[0]

    assert [("fields_present", "pass"), ("any_of", "fail")] == said(refused) == said(by_the_boss)
    assert ("all_of", "sales_sign_off") == (inner.spec.guard, inner.spec.use_id)
    assert ["price"] == [verdict.spec.use_id for verdict in inner.inner]
    assert decide(lifecycle, signed, "sign").accepted


def test_what_is_built_has_the_guards():
    """
    The transitions of a lifecycle are written out; its definition stays as it was written.
    """
    written = sf.load_definition(text=TEXT)
    lifecycle = sf.build_lifecycle(written)
    offer, sign = lifecycle.transition("offer"), lifecycle.transition("sign")

    assert ["sales_sign_off.fields_present", "sales_sign_off.price"] == [use.id for use in offer.guards]
    assert ["fields_present", "any_of"] == [use.id for use in sign.guards]
    assert ["all_of", "actor_has_role"] == [use.use for use in sign.guards[1].guards]
    assert written == lifecycle.definition
    assert written == sf.load_definition(text=sf.dump_definition(written))
    assert '[rules.sales_sign_off]\nguards = [\n  { use = "fields_present"' in sf.dump_definition(written)


def test_guards_of_a_rule_are_overridden_by_their_id():
    """
    Severity and override are those of each guard in the rule.
    """
    rule = [
        guards.fields_present("owner").but(override={"roles": ["sales_director"]}),
        guards.fields_present("amount").but(severity="warn"),
    ]
    lifecycle = build(Transition("go", "start", "middle", guards=[guards.rules("ready")]), rules={"ready": rule})
    project = opened(lifecycle)
    call = {"overrides": {"ready.fields_present": "He is new."}}

    assert ["ready.fields_present_2"] == [each.spec.use_id for each in decide(lifecycle, project, "go").warnings]
    assert [False, False, True] == [
        decide(lifecycle, project, "go").accepted,
        decide(lifecycle, project, "go", **call).accepted,
        decide(lifecycle, project, "go", actor=BOSS, **call).accepted,
    ]


def test_rules_name_rules():
    """
    A rule may stand in other rules and twice in one list; the ids of its guards stay different.
    """
    rules = {
        "outer": [guards.rules("inner"), guards.rules("last").but(id="again"), guards.fields_present("region")],
        "inner": [guards.fields_present("owner"), guards.rules("last")],
        "last": [guards.reason_given("owner")],
    }
    uses = [guards.rules("outer"), guards.rules("last"), guards.rules("last")]
    lifecycle = build(Transition("go", "start", "middle", guards=uses), rules=rules)
    expected = [
        "outer.inner.fields_present",
        "outer.inner.last.reason_given",
        "outer.again.reason_given",
        "outer.fields_present",
        "last.reason_given",
        "last_2.reason_given",
    ]

    assert expected == [use_id for use_id, _ in said(decide(lifecycle, opened(lifecycle), "go"))]
    assert expected == [use.id for use in lifecycle.transition("go").guards]


ROLE = guards.actor_has_role("ceo")
WARNED = ROLE.but(severity="warn")


@over_cases(
    ("uses", "rules", "expected"),
    [
        (
            [guards.rules("cheks")],
            {"checks": [ROLE]},
            [("transitions[0].guards[0].rules", "rule.unknown"), ("rules.checks", "rule.unused")],
        ),
        ([], {"checks": [ROLE]}, [("rules.checks", "rule.unused")]),
        ([guards.rules("checks")], {"checks": []}, [("rules.checks.guards", "guard.empty")]),
        ([guards.rules("Checks")], {"Checks": [ROLE]}, [("rules.Checks", "id.malformed")]),
        ([guards.rules("a.b")], {"a.b": [ROLE]}, [("rules.a.b", "id.malformed")]),
        (
            [guards.rules("a"), guards.rules("d")],
            {"a": [guards.rules("b")], "b": [ROLE, guards.none_of(guards.rules("a"))], "c": [guards.rules("c")]}
            | {"d": [guards.rules("c")]},
            [("rules.a.guards", "rule.circle"), ("rules.c.guards", "rule.circle")],
        ),
        (
            [guards.rules("checks").but(severity="warn")],
            {"checks": [ROLE]},
            [("transitions[0].guards[0]", "guard.joined")],
        ),
        (
            [guards.any_of(guards.rules("checks"))],
            {"checks": [ROLE, WARNED]},
            [("transitions[0].guards[0].any_of[0]", "guard.joined")],
        ),
        (
            [guards.rules("checks"), ROLE.but(id="checks.actor_has_role")],
            {"checks": [ROLE]},
            [("transitions[0].guards[1].id", "id.duplicate")],
        ),
        (
            [ROLE.but(id="checks.actor_has_role"), guards.rules("checks")],
            {"checks": [ROLE]},
            [("transitions[0].guards[1].id", "id.duplicate")],
        ),
        (
            [guards.rules("r" * 64), guards.rules("s" * 64)],
            {"r" * 64: [ROLE.but(id="x" * 64)], "s" * 64: [ROLE]},
            [("transitions[0].guards[0].id", "id.malformed")],
        ),
        (
            [guards.rules("checks").but(when={"mood": "good"})],
            {"checks": [guards.fields_present("mod"), GuardUse("nothing")]},
            [
                ("rules.checks.guards[0]", "field.undeclared"),
                ("rules.checks.guards[1].use", "guard.unknown"),
                ("transitions[0].guards[0].when", "field.undeclared"),
            ],
        ),
        (
            [guards.rules("checks")],
            {"checks": [ROLE.but(override=True), guards.approval("deal", roles=("ceo",))]},
            [("rules.checks.guards", "approval.unbound"), ("rules.checks.guards[0].override", "override.anybody")],
        ),
    ],
)
def test_what_is_wrong_with_rules(uses, rules, expected):
    """
    Each fault and warning is told once, however often the rule is used, and where it is.
    """
    written = definition(Transition("win", "middle", "won", guards=uses))
    first = Transition("go", "start", "middle", guards=uses)

    assert expected == [
        each
        for each in codes(attrs.evolve(written, rules=rules, transitions=(first, *written.transitions[1:])))
        if not each[0].startswith("transitions[1]")
    ]


@over_cases(
    ("change", "expected"),
    [
        ("rules = 5", [("rules", "value.type")]),
        ("[rules]\nchecks = 5", [("rules.checks", "value.type")]),
        ("[rules.checks]", [("rules.checks", "key.missing")]),
        ("[rules.checks]\nguards = 5", [("rules.checks.guards", "value.type")]),
        ("[rules.checks]\nguards = [{ usee = 5 }]", [("rules.checks.guards[0]", "key.missing")]),
        ("[rules.checks]\nguard = [{ use = 'reason_given' }]", [("rules.checks.guard", "key.unknown")]),
        (
            "[rules.checks]\nguards = [{ use = 'rules', name = 'x' }, { use = 'actor_has_role', roles = ['x'] }]",
            [("rules.checks.guards[0].use", "value.choice")],
        ),
        (
            "[rules.checks]\nguards = [{ rules = 5 }, { rules = 'x', role = 5 }]",
            [
                ("rules.checks.guards[0].rules", "value.type"),
                ("rules.checks.guards[1].role", "key.unknown"),
                ("rules.checks.guards[1].rules", "rule.unknown"),
            ],
        ),
    ],
)
def test_rules_that_cannot_be_read(change, expected):
    """
    What is wrong in the file is told, and not that the rule is unknown where it is used.
    """
    text = f"""\
id = "x"
{change if change.startswith("rules") else ""}
stages = [{{ id = "a", kind = "open" }}, {{ id = "b", kind = "won" }}]
transitions = [{{ id = "go", source = "a", target = "b", guards = [{{ rules = "checks" }}] }}]
{"" if change.startswith("rules") else change}
"""

    assert expected == codes(text)


def test_rules_in_rules_do_not_explode():
    """
    Thirty rules, each naming the one before twice, are refused by their size, and none is written out.
    """
    rules: dict[str, list[GuardUse]] = {"r0": [ROLE]}
    for number in range(1, 30):
        rules[f"r{number}"] = [guards.rules(f"r{number - 1}"), guards.rules(f"r{number - 1}")]
    go = Transition("go", "start", "middle", guards=[guards.rules("r29")])

    assert [("", "definition.size")] == codes(definition(go, rules=rules))


def test_a_use_of_a_rule_without_a_name():
    """
    What names no rule is a fault, and cannot be written to a file.
    """
    written = definition(Transition("go", "start", "middle", guards=[GuardUse("rules")]))

    assert [("transitions[0].guards[0].rules", "rule.unknown")] == codes(written)
    with pytest.raises(sf.errors.InputError, match="use of a rule"):
        sf.dump_definition(written)


def test_rules_of_another_type():
    """
    What is no mapping of lists is refused where it is handed in.
    """
    with pytest.raises(sf.errors.InputError, match="rules"):
        definition(rules=5)
    with pytest.raises(sf.errors.InputError, match="list"):
        definition(rules={"checks": "x"})

    assert [("rules.checks[0]", "value.type")] == codes(definition(rules={"checks": ["x"]}))
    assert [("rules.5", "value.type")] == codes(definition(rules={5: [ROLE]}))


def renamed(before: str, uses: list[GuardUse]) -> list[GuardUse]:
    """The guards of a rule as somebody would write them out by hand."""
    seen: dict[str, int] = {}
    found = []
    for use in uses:
        seen[use.use] = seen.get(use.use, 0) + 1
        own = use.use if seen[use.use] == 1 else f"{use.use}_{seen[use.use]}"
        found.append(use.but(id=f"{before}{own}"))
    return found


GENERATED = (*definition().fields, sf.Field("urgent", "bool"), sf.Field("size", "integer"))


@pytest.mark.untraced
@given(
    st.lists(guard_uses(), max_size=3),
    st.lists(guard_uses(), max_size=2),
    st.sampled_from([None, {"urgent": True}, {"size": {"gt": 1}}]),
    fields(),
)
def test_rules_decide_as_if_written_out(rule, others, when, given):
    """
    A list of guards with a rule and the same list written out by hand give the same decision, to the last verdict.
    """
    rule = rule or [ROLE]
    stages = (sf.Stage("start", "open", produces=("quote",)), *definition().stages[1:])
    loose = [use.but(severity="block", override=False) for use in rule]
    in_any = guards.any_of(guards.rules("loose"), ROLE).but(id="either")
    by_name = [*others, guards.rules("checks").but(when=when), in_any]
    by_hand = [
        *others,
        *(each.but(when=each.when if when is None else both(when, each.when)) for each in renamed("checks.", rule)),
        guards.any_of(guards.all_of(*renamed("", loose)).but(id="loose"), ROLE).but(id="either"),
    ]
    made = [
        build(
            Transition("go", "start", "middle", guards=uses),
            fields=GENERATED,
            stages=stages,
            rules=rules,
            outcomes=("undecided", "won", "lost"),
        )
        for uses, rules in ((by_name, {"checks": rule, "loose": loose}), (by_hand, {}))
    ]
    first, second = (decide(each, opened(each), "go", data=given) for each in made)

    assert first.verdicts == second.verdicts
    assert (first.accepted, first.missing, first.explain("zh")) == (
        second.accepted,
        second.missing,
        second.explain("zh"),
    )


def both(outer: Any, inner: Any) -> Any:
    """A predicate that both predicates are met."""
    return outer if inner is None else {"all": [outer, inner]}

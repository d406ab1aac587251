"""
What is found when the definition is built: faults with line and column, and what an expression reads.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import salesflow_cel

import salesflow as sf


@pytest.fixture
def faults(definition):
    """
    Return what tells what a build finds wrong.
    """
    return lambda use: [
        (one.code, one.problem) for one in sf.check_definition(definition(use), plugins=[salesflow_cel]).faults
    ]


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        ("", "line 1, column 1: this is not a valid expression"),
        ("seats >", "line 1, column 7: this is not a valid expression"),
        ("seats > 1 &&\n  * 2", "line 2, column 3: this is not a valid expression"),
        ("'open", "line 1, column 1: this is not a valid expression"),
        ("fields == 1", "line 1, column 1: fields needs a name, such as fields.name"),
        ("urgent && fields[region]", "line 1, column 11: fields needs a plain name, such as fields.name"),
        ("fields[0]", "line 1, column 1: fields needs a plain name, such as fields.name"),
        ("entries.risk == []", "line 1, column 1: entries can be read by the guard cel.dossier only"),
        ("project.id == 'x'", "line 1, column 1: project can be read by the guard cel.dossier only"),
        (".seats > 1", "line 1, column 2: a name with a leading dot has no meaning here"),
        ("urgent && .size(1)", "line 1, column 12: a name with a leading dot has no meaning here"),
        ("seats{a: 1}", "line 1, column 1: a message has no meaning here"),
        ("has(seats)", "line 1, column 1: has() takes one selection, as in has(fields.amount)"),
        ("has()", "line 1, column 1: has() takes one selection, as in has(fields.amount)"),
        ("[1].all(1, true)", "line 1, column 5: all takes a name and an expression, as in all(one, one > 0)"),
        ("[1].all()", "line 1, column 5: all takes a name and an expression, as in all(one, one > 0)"),
        (
            "[1].all(a, [a].all(b, [b].all(c, true)))",
            "line 1, column 27: more than 2 loops are nested",
        ),
    ],
)
def test_faults(faults, expr, text):
    """
    An invalid expression, or an unknown name in it, is a fault with its place.
    """
    assert [("guard.parameter_value", text)] == faults(salesflow_cel.expression(expr))


def test_a_fault_is_said_in_both_languages():
    """
    What is wrong with an expression is said in Chinese as well.
    """
    with pytest.raises(ValueError, match="line 1, column 2: a name with a leading dot") as caught:
        salesflow_cel.expression.factory(".seats > 1")

    assert "第 1 行第 2 列：此处不能使用以点开头的名称。" == caught.value.args[0].text("zh")


@pytest.mark.parametrize(
    ("expr", "name"),
    [
        ("dyn(seats) > 1", "dyn()"),
        ("type(seats) == 1", "type()"),
        ("[1].reduce(a, b, a, 0)", "reduce()"),
        ("[1].min() == 1", "min()"),
    ],
)
def test_unknown_function(faults, expr, name):
    """
    Functions that are not offered, the library's own additions among them, are listed with those that are.
    """
    [(code, text)] = faults(salesflow_cel.expression(expr))

    assert ("guard.parameter_value", True, True) == (code, f"there is no {name};" in text, "size" in text)


@pytest.mark.parametrize(
    "expr", ["x" * 2001, "(" * 70 + "urgent" + ")" * 70, " && ".join(["urgent"] * 70), "!" * 70 + "urgent"]
)
def test_bounds(faults, expr):
    """
    What is too long or too deep is refused before anything is made of it.
    """
    [(code, text)] = faults(salesflow_cel.expression(expr))

    assert ("guard.parameter_value", True) == (code, "at most 2000" in text or "60 levels" in text)


def test_undeclared(faults):
    """
    Every field that an expression names must be declared, also within loops and after fields.
    """
    expr = "seats > 1 && budget > 2 && [1].all(one, one > limit) && has(fields.stamp) && at > signed"

    assert [
        ("field.undeclared", f"the field {name!r} is not declared") for name in ("budget", "limit", "stamp")
    ] == faults(salesflow_cel.expression(expr))


def test_loop_variables(faults):
    """
    The name of a loop hides a field, and anything else that is given, inside the loop only.
    """
    assert [] == faults(salesflow_cel.expression("[1].all(fields, fields > 0 && [2].all(stage, stage > fields))"))
    assert [("field.undeclared", "the field 'one' is not declared")] == faults(
        salesflow_cel.expression("[1].all(one, one > 0) && one > 1")
    )


def test_hidden_fields(definition):
    """
    A field with the name of something else, or a word of the language, is read through ``fields``.
    """
    source = definition(salesflow_cel.expression("fields.actor == 'x' && fields['in'] == 1"))
    declared = {**source, "fields": [{"id": "actor", "type": "text"}, {"id": "in", "type": "integer"}]}

    assert ["actor", "in"] == [
        one.problem.split("'")[1] for one in sf.check_definition(source, plugins=[salesflow_cel]).faults
    ]
    assert () == sf.check_definition(declared, plugins=[salesflow_cel]).faults


def test_message(faults):
    """
    A message is written in English and Chinese, and in nothing else.
    """
    found = faults(salesflow_cel.expression("urgent", message={"de": "eilig"}))

    assert [("guard.parameter_value", "message has de; write it in en or zh")] == found


def test_all_faults_at_once(definition):
    """
    An expression that cannot be read does not hide what else is wrong.
    """
    source = definition(salesflow_cel.expression("seats >"))
    source["transitions"][0]["guards"].append({"use": "cel.expression", "expr": "lost > 1"})

    assert ["guard.parameter_value", "field.undeclared"] == [
        one.code for one in sf.check_definition(source, plugins=[salesflow_cel]).faults
    ]


def test_bound_to_a_class(definition):
    """
    On a class of the host, the expression over the fields works, and the one over the project is refused.
    """

    class Deal:
        status = "offer"
        seats = 3

    lifecycle = sf.build_lifecycle(definition(salesflow_cel.expression("seats > 2")), plugins=[salesflow_cel])
    bound = lifecycle.bind(Deal, stage="status", fields={"seats": "seats"})
    over_all = sf.build_lifecycle(definition(salesflow_cel.dossier("seats > 2")), plugins=[salesflow_cel])

    decision = bound.decide(Deal(), "win", actor=sf.Actor("li.wei"), at=datetime(2026, 3, 9, tzinfo=UTC))

    assert isinstance(decision, sf.Accepted)
    with pytest.raises(sf.errors.InputError):
        over_all.bind(Deal, stage="status", fields={"seats": "seats"})

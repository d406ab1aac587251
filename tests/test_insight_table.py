"""
The table ``[insight]`` of a definition: which fields figures read, and when the fiscal year begins.
"""

from __future__ import annotations

import attrs
import pytest

from salesflow import build_lifecycle, check_definition, dump_definition, load_definition, load_lifecycle
from salesflow.errors import DefinitionError
from salesflow.typing import Insight

from .cases import over_cases


DEAL = """
id = "deal"

[[fields]]
id = "value"
type = "money"

[[fields]]
id = "account"

[[stages]]
id = "lead"

[[stages]]
id = "won"
kind = "won"

[[transitions]]
id = "win"
source = "lead"
target = "won"
outcome = "won"
"""


def deal(table):
    return DEAL + f"\n[insight]\n{table}\n"


def problems(table):
    return [(each.path, each.code) for each in check_definition(deal(table)).faults]


def test_fields_have_the_names_of_what_they_are_by_default():
    """Without the table each figure reads the field that is called as it says; none has to be there."""
    definition = load_definition(DEAL)

    assert Insight() == definition.insight
    assert {} == definition.insight.named
    assert ("amount", "expected_close", 1) == (
        definition.insight.amount,
        definition.insight.expected_close,
        definition.insight.fiscal_year_start,
    )


@pytest.mark.parametrize("form", ["toml", "json"])
def test_what_is_named_otherwise_is_read_back(form):
    """What is written reads back equal, from both formats; defaults are left out."""
    definition = load_definition(deal('amount = "value"\ncustomer = "account"\nfiscal_year_start = 4'))
    text = dump_definition(definition, format=form)

    assert Insight(amount="value", customer="account", fiscal_year_start=4) == definition.insight
    assert {"amount": "value", "customer": "account"} == definition.insight.named
    assert definition == load_definition(text)
    assert "expected_close" not in text


def test_it_decides_nothing():
    """Two definitions that differ in it only have one digest."""
    one, other = (build_lifecycle(load_definition(text)) for text in (DEAL, deal('amount = "value"')))

    assert one.digest == other.digest


@over_cases(
    ("table", "found"),
    [
        ('amount = "valu"', [("insight.amount", "field.undeclared")]),
        ('amount = "account"', [("insight.amount", "insight.field")]),
        ('customer = "account"\nsource = "account"', []),
        ("fiscal_year_start = 13", [("insight.fiscal_year_start", "insight.month")]),
        ('fiscal_year_start = "april"', [("insight.fiscal_year_start", "value.type")]),
        ("product = 7", [("insight.product", "value.type")]),
        ('amuont = "value"', [("insight.amuont", "key.unknown")]),
    ],
)
def test_faults(table, found):
    """Each has its path; all are found in one pass."""
    assert found == problems(table)


def test_what_is_wrong_is_said_in_two_languages():
    """An unknown field comes with the nearest, a field of the wrong type with those that would do."""
    (unknown,) = check_definition(deal('amount = "valeu"')).faults
    (strange,) = check_definition(deal('amount = "account"')).faults

    assert "Did you mean 'value'?" in unknown.hint
    assert "figures cannot read 'account', a field of type 'text'" == strange.problem
    assert "Name a field of one of these types: money, number, integer." == strange.hint
    assert "指标无法读取" in strange.text("zh")


def test_it_is_a_table():
    """Anything else is a fault, and the rest is read on."""
    report = check_definition(f'insight = "value"\n{DEAL}')

    assert [("insight", "value.type")] == [(each.path, each.code) for each in report.faults]


def test_a_field_that_could_not_be_read_is_not_missed():
    """A fault of a field is told once."""
    broken = DEAL.replace('type = "money"', 'type = "gold"')
    report = check_definition(broken + '\n[insight]\namount = "value"\n')

    assert ["fields[0].type"] == [each.path for each in report.faults]


def test_in_python():
    """A table of another type is a fault of the definition."""
    wrong = attrs.evolve(load_definition(DEAL), insight="value")
    with pytest.raises(DefinitionError, match="insight"):
        build_lifecycle(wrong)


def test_the_built_in_lifecycles_name_their_customer():
    """The field of the customer has another name there."""
    assert "customer_id" == load_lifecycle("operating_cycle").definition.insight.customer

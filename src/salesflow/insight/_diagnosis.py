"""
The diagnosis of a portfolio: groups whose figures stand out together, what that may mean, and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, Literal

from .._model.frozen import FrozenDict, noun
from .._model.messages import render
from .._model.values import Label, Money
from ._comparison import interval_of
from ._kpi import Kpi


@noun
class Sign:
    """
    How a figure of a group stands to that of the whole.

    Attributes:
        kpi: its name, with ``:variant`` where another than the first is meant.
        side: ``above`` or ``below``.
        factor: by how much at least.
    """

    kpi: str
    side: Literal["above", "below"]
    factor: str

    def holds(self, own: Kpi, whole: Kpi) -> bool:
        """
        Tell whether a group stands out; a rate does so only if the whole lies outside its interval.
        """
        value, other = _number(own.value), _number(whole.value)
        limit = other * Fraction(self.factor)
        interval = interval_of(own)
        if self.side == "above":
            return value > other and value >= limit and (interval is None or interval[0] > other)
        return value < other and value <= limit and (interval is None or interval[1] < other)


def _number(value: Any) -> Fraction:
    return Fraction(value.amount if isinstance(value, Money) else value)


@noun
class DiagnosticRule:
    """
    A diagnosis of a group whose figures stand out together.

    Attributes:
        name: unique, snake_case.
        signs: all of which must hold.
        label: what is found.
        action: what to do.
    """

    name: str
    signs: tuple[Sign, ...]
    label: Label
    action: Label


RULES: Final = (
    DiagnosticRule(
        "high_conversion_low_value",
        (Sign("win_rate", "above", "1.1"), Sign("average_deal_value", "below", "0.8")),
        Label("wins often, but small deals", "转化率高但成交金额偏低"),
        Label(
            "Coach negotiation: value, price and scope before the discount.",
            "安排谈判辅导：先谈价值、价格与范围，再谈折扣。",
        ),
    ),
    DiagnosticRule(
        "low_conversion_high_value",
        (Sign("win_rate", "below", "0.9"), Sign("average_deal_value", "above", "1.2")),
        Label("wins large deals, but few of them", "成交金额高但转化率偏低"),
        Label(
            "Qualify earlier, and plan large deals with a team.",
            "更早筛选商机，大项目由团队策划。",
        ),
    ),
    DiagnosticRule(
        "low_conversion",
        (Sign("win_rate", "below", "0.75"), Sign("average_deal_value", "below", "1.2")),
        Label("loses more than others", "丢单多于他人"),
        Label(
            "Review lost deals by reason and stage, and coach along with a colleague.",
            "按原因和阶段复盘丢单，安排同事陪访辅导。",
        ),
    ),
    DiagnosticRule(
        "slow_wins",
        (Sign("cycle_time", "above", "1.5"),),
        Label("takes longer to win than others", "赢单周期长于他人"),
        Label(
            "Look at the time in each stage, and at what holds up the moves.", "查看各阶段停留时间和推进受阻的原因。"
        ),
    ),
    DiagnosticRule(
        "expected_too_early",
        (Sign("slippage_rate", "above", "1.25"),),
        Label("expects deals earlier than they close", "预计成交日过于乐观"),
        Label(
            "Set the expected close from the customer's own steps, and look at it each week.",
            "按客户自身的决策步骤确定预计成交日，每周核对。",
        ),
    ),
    DiagnosticRule(
        "many_overrides",
        (Sign("override_rate", "above", "1.5"),),
        Label(
            "passes more guards by override than others",
            "特批多于他人",
        ),
        Label(
            "Ask what the guard asks for in vain: mend the guard, or the habit.",
            "查明哪条规则流于形式：改进规则，或纠正习惯。",
        ),
    ),
    DiagnosticRule(
        "refused_often",
        (Sign("gate_first_pass_rate", "below", "0.75"),),
        Label(
            "is refused at gates more often than others",
            "关口被拒多于他人",
        ),
        Label(
            "Prepare the gate with its list of what is missing before it is tried.", "尝试过关前，按缺失清单做好准备。"
        ),
    ),
)
"""What a diagnosis looks for."""


_LINE: Final = Label("{group}: {label}. {action}", "{group}：{label}。{action}")


@noun
class Diagnosis:
    """
    A group that stands out.

    Attributes:
        rule: what was found.
        group: whose figures they are.
        figures: of the group, by the name of the KPI.
        whole: of all projects, by the name of the KPI.
        evidence: the projects behind the first of the figures, by id.
    """

    rule: DiagnosticRule
    group: Any
    figures: Mapping[str, Kpi]
    whole: Mapping[str, Kpi]

    @property
    def evidence(self) -> Sequence[str]:
        """
        The ids of the projects behind the first figure.
        """
        return next(iter(self.figures.values())).evidence

    def text(self, lang: str = "en") -> str:
        """
        Say who stands out, how, and what to do.
        """
        return render(_LINE, {"group": self.group, "label": self.rule.label, "action": self.rule.action}, lang)


def diagnosed(compute: Callable[[str], Kpi], minimum: int) -> tuple[Diagnosis, ...]:
    """
    Return the groups that stand out, by the order of the rules.

    Args:
        compute: returns the KPI of a name, with the same groups every time.
        minimum: how many cases every figure of a group needs.
    """
    figures: dict[str, Kpi] = {}
    found: list[Diagnosis] = []
    for rule in RULES:
        names = [sign.kpi for sign in rule.signs]
        for name in names:
            if name not in figures:
                figures[name] = compute(name)
        for group in figures[names[0]].groups:
            own = {name: figures[name].groups.get(group) for name in names}
            known = {name: kpi for name, kpi in own.items() if kpi is not None and kpi.n >= minimum}
            if len(known) == len(names) and all(sign.holds(known[sign.kpi], figures[sign.kpi]) for sign in rule.signs):
                whole = FrozenDict({name: figures[name] for name in names})
                found.append(Diagnosis(rule, group, FrozenDict(known), whole))
    return tuple(found)

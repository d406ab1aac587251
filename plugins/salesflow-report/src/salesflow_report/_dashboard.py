"""
The dashboard: what a manager looks at every day.
"""

from __future__ import annotations

from salesflow.insight import Portfolio

from ._deals import by_stage, largest
from ._figures import as_of_text, by_group, by_period, tile
from ._page import Page, Section
from ._stages import funnel_section, time_section
from ._texts import Texts


_TILES = ("win_rate", "cycle_time", "average_deal_value", "new_customers")


def dashboard(portfolio: Portfolio, texts: Texts) -> Page:
    """
    Return the dashboard of a portfolio.
    """
    figures = Section(
        texts.say("Figures", "关键指标"),
        texts.say("Over all time; the line shows the last eight months.", "累计数据；曲线为最近八个月。"),
        tiles=[tile(portfolio, texts, name) for name in _TILES],
        wide=True,
    )
    return Page(
        "dashboard",
        texts.say("Sales dashboard", "销售项目经营看板"),
        as_of_text(portfolio, texts),
        texts.lang,
        [
            figures,
            funnel_section(portfolio, texts),
            by_stage(portfolio, texts),
            by_period(portfolio, texts, "win_rate", "quarter", texts.say("Quarter", "季度")),
            by_group(portfolio, texts, "win_rate", "owner", texts.say("Owner", "负责人")),
            time_section(portfolio, texts),
            by_period(portfolio, texts, "new_customers", "month", texts.say("Month", "月份")),
            largest(portfolio, texts),
        ],
    )

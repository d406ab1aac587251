"""
A plugin as a host writes it: a module with marked functions.
"""

from __future__ import annotations

from salesflow import hookimpl
from salesflow.guards import failed, passed
from salesflow.typing import Label


version = "7"
codes = {"house_rules.friday": Label("Nothing is proposed on a Friday.", "周五不提交方案。")}


@hookimpl
def salesflow_stage_rules(transition, at):
    """One rule at every gate."""
    friday = transition.trigger == "propose" and at.weekday() == 4
    return [failed("house_rules.friday") if friday else passed()]

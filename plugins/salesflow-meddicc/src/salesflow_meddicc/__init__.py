"""
The MEDDICC plugin for salesflow: who decides at the customer, who supports us, and how well a deal is understood.

The entry point loads ``plugin``; create a :class:`Meddicc` of your own for other lifecycles.
"""

from __future__ import annotations

from ._entries import Contact, Element
from ._guards import champion, economic_buyer, score_at_least
from ._plugin import Meddicc, plugin
from ._scoring import WEIGHTS


__all__ = ["WEIGHTS", "Contact", "Element", "Meddicc", "champion", "economic_buyer", "plugin", "score_at_least"]

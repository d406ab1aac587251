"""
What is made once and kept: made again, it is the same.
"""

from __future__ import annotations

from salesflow import load_lifecycle
from salesflow._definition import structure
from salesflow._definition.reader import read_definition
from salesflow._pipeline import feed
from salesflow.errors import _messages
from salesflow.insight import practices
from salesflow.insight._formulas import practices as formulas
from salesflow.plugins import _loading
from salesflow.testing._strategies import definitions

from ..cases import over_cases


SMALL = 'id = "small"\nversion = "1"\nstages = [{ id = "lead" }]'

KEPT = {
    "converter": (structure._converter, lambda: read_definition(SMALL)),
    "catalogue": (_messages.catalogue, _messages.catalogue),
    "plugins": (_loading._built_in, lambda: load_lifecycle("simple_deal").definition),
    "practices": (formulas._pack, practices),
    "guards": (definitions._plain, definitions._plain),
    "effects": (definitions._effect_uses, lambda: repr(definitions._effect_uses())),
    "wording": (feed._wording_of_kind, lambda: feed._wording_of_kind("issue").label("transition", "resolve_issue")),
}


@over_cases(("kept", "use"), KEPT.values(), ids=KEPT)
def test_what_is_kept_is_made_the_same_again(kept, use):
    """
    Whoever needs it first gets what everybody gets later.
    """
    before = use()
    kept.cache_clear()

    assert before == use()

"""
What the contract generates with Hypothesis, imported by the checks that generate, and only when they run.

Each process that a check starts loads the contract, and would take half as long again with Hypothesis.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from hypothesis import HealthCheck, strategies as st

from ..._model.values import Money


NO_HURRY: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
"""A store may take its time, and nobody is told to generate less."""

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.builds(Money, st.decimals(-(10**12), 10**12, places=2), st.sampled_from(["CNY", "EUR"])),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    TEXTS,
)

"""
Which texts are names.
"""

from __future__ import annotations

from salesflow._model.values import is_name

from ...cases import over_cases


@over_cases(
    ("value", "expected"),
    [
        ("a", True),
        ("a_b2", True),
        ("meddicc.score", True),
        ("a" * 64, True),
        ("a" * 65, False),
        (".".join(["a" * 64] * 3), False),
        ("A", False),
        ("2a", False),
        ("a.", False),
        ("a\n", False),
        ("", False),
        (5, False),
    ],
)
def test_names(value, expected):
    """
    A name is snake_case, with dots after a plugin's own, and not longer than an id.
    """
    assert expected is is_name(value)

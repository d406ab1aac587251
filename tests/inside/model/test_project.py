"""
The value of a field of a project.
"""

from __future__ import annotations

from salesflow._model.project import field_value

from ...pipeline_factory import make_pipeline, won


def test_field_value():
    """
    The outcome and the stage are read like fields, and what is not set is ``None``.
    """
    project = won(make_pipeline())
    names = ("outcome", "stage", "owner", "note")

    assert ["won", "won", "li.wei", None] == [field_value(project, name) for name in names]

"""
The past of a CRM, replayed: a CSV file, a mapping of its columns, and a report.

.. code-block:: python

    from salesflow.exchange import replay_file

    report = replay_file("deals.csv", mapping="map.toml", lifecycle="simple_deal")
    print(report.imported, report.refused, report.win_rate)
"""

from __future__ import annotations

from ._map_file import load_mapping
from ._mapping import ColumnMapping, FieldColumn, MappingKind, PathStep
from ._replay import Progress, replay_file
from ._report import ImportReport, ProblemGroup, RowProblem


__all__ = [
    "ColumnMapping",
    "FieldColumn",
    "ImportReport",
    "MappingKind",
    "PathStep",
    "ProblemGroup",
    "Progress",
    "RowProblem",
    "load_mapping",
    "replay_file",
]

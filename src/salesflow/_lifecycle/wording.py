"""
How the messages of a lifecycle name its parts: their labels by what they are and by id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from .._model.definition import OUTCOMES, Definition, StageTask
from .._model.frozen import FrozenDict
from .._model.lazy import LazyModule
from .._model.messages import Wording, value_of
from .._model.values import Label
from .contributions import Contributions


if TYPE_CHECKING:
    from . import bind_cadences as cadence_binding
else:  # few definitions have cadences
    cadence_binding = LazyModule(f"{__package__}.bind_cadences")

_NO_PLUGINS: Final = Contributions()


def title_of(task: StageTask) -> str:
    """
    Return the title of a task that a stage brings: an entry has one for all languages.
    """
    return " / ".join(filter(None, (task.label.en, task.label.zh))) or task.id


def wording_of(definition: Definition, contributions: Contributions = _NO_PLUGINS) -> Wording:
    """
    Return how the messages of a definition name its parts and write times.

    A trigger goes by the label of its transitions, where they share one, and a kind of entries of a plugin by the
    ``label`` of its class.
    """
    triggers: dict[str, set[Label]] = {}
    for transition in definition.transitions:
        triggers.setdefault(transition.trigger, set()).add(transition.label)
    whole = (cadence_binding.whole_cadence(each) for each in definition.cadences)
    cadences = ((each.id, each.label) for each in whole)
    # Kinds of the library have their labels in its vocabulary; asking them for one would load every class there is.
    owners = contributions.owners.items()
    brought = [contributions.entries[name] for (what, name), of in owners if what == "entry" and of != "salesflow"]
    labels_of_kinds = ((kind.kind, getattr(kind, "label", None)) for kind in brought)
    named = {
        "cadence": _labels(cadences),
        "field": _labels((field.id, field.label) for field in definition.fields),
        "stage": _labels((stage.id, stage.label) for stage in definition.stages),
        "outcome": {**OUTCOMES, **_labels((outcome.id, outcome.label) for outcome in definition.outcomes)},
        "transition": _labels((transition.id, transition.label) for transition in definition.transitions),
        "trigger": _labels((name, labels.pop()) for name, labels in triggers.items() if len(labels) == 1),
        "title": _labels((title_of(task), task.label) for stage in definition.stages for task in stage.tasks),
        "entry": _labels((kind, label) for kind, label in labels_of_kinds if isinstance(label, Label)),
        "kpi": _labels((name, kpi.definition.label) for name, kpi in contributions.kpis.items()),
        **{value_of(field.id): field.choice_labels for field in definition.fields if field.choices},
    }
    return Wording(FrozenDict(named), definition.zone)


def _labels(named: Iterable[tuple[str, Label]]) -> Mapping[str, Label]:
    return FrozenDict({name: label for name, label in named if label.en or label.zh})

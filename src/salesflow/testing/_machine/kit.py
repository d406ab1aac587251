"""
What a machine is made with, the story of what it did, and the tour of a lifecycle before it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from ..._definition.edges import Edge, edges_of
from ..._lifecycle.lifecycle import Lifecycle
from ..._lifecycle.routes import Lessons, edge_goal
from ..._model.frozen import EMPTY, noun
from ..._model.project import Project
from ..._model.values import Actor
from ..._pipeline.pipeline import Pipeline
from ...errors import SalesflowError
from ...plugins._loading import build_lifecycle
from ...templates import BUILT_IN
from ...typing import Store
from .._navigate.context import Means, NavigationContext, at_any_time
from .._navigate.route import scout
from .checked import CheckedPipeline
from .story import Call, StoryWriter, project_of, told, usual


_MOST_PEOPLE = 12

OwnStep: TypeAlias = Callable[[Pipeline, Project, datetime], Any]
"""What a user's program does to a project at a time, by calls of the pipeline."""


@noun
class Tour:
    """
    What a first walk over every edge of a lifecycle has shown.

    Attributes:
        edges: the edges that were taken, in file order.
        inner: one edge into each stage that is not final; for a hold, one from each stage.
        shut: why the others were not, by transition; only for those no edge of which was taken.
        lessons: what was learned at the gates.
        people: everybody who acted or approved.
    """

    edges: tuple[Edge, ...]
    inner: tuple[Edge, ...]
    shut: Mapping[str, str]
    lessons: Lessons
    people: tuple[Actor, ...]


def tour(
    lifecycles: Sequence[Lifecycle], means: Means, *, fields: Mapping[str, Any] = EMPTY, actor: Actor, at: datetime
) -> Tour:
    """
    Walk new projects of the last lifecycle to each of its edges.
    """
    lifecycle, lessons = lifecycles[-1], Lessons()
    edges: list[Edge] = []
    shut: dict[str, str] = {}
    people = dict.fromkeys((actor, *means.actors))

    def start() -> NavigationContext:
        pipeline = at_any_time(Pipeline(lifecycles))
        project = pipeline.open("A project", id="p-1", fields=fields, actor=actor, at=at)
        return NavigationContext(pipeline, project.id, means, actor, at=at, ticks=True)

    for edge in edges_of(lifecycle.definition):
        name = edge.transition.id
        try:
            context = scout(
                start, edge_goal(name, edge.source, edge.target), f"transition {name!r} of {edge.source!r}", lessons
            )
        except SalesflowError as error:
            shut.setdefault(name, str(error))
            continue
        edges.append(edge)
        people |= dict.fromkeys(fact.actor for fact in context.pipeline.history("p-1"))
    taken = {edge.transition.id for edge in edges}
    never = {name: why for name, why in shut.items() if name not in taken}
    return Tour(tuple(edges), _inner(lifecycle, edges), never, lessons, tuple(people)[:_MOST_PEOPLE])


def _inner(lifecycle: Lifecycle, edges: Iterable[Edge]) -> tuple[Edge, ...]:
    found: dict[tuple[str, str], Edge] = {}
    for edge in edges:
        stage = lifecycle.stage(edge.target)
        if not stage.final and not edge.stays:
            found.setdefault((edge.target, edge.source if stage.kind == "hold" else ""), edge)
    return tuple(found.values())


@noun(slots=False, eq=False)
class Kit:
    """
    The arguments of :func:`lifecycle_machine`.

    Attributes:
        options: what every pipeline is made with, besides lifecycles and store.
        steps: what the user's program does as well.
        scope: the names of the module that made the machine, so that a story can import from it.
    """

    lifecycles: tuple[Lifecycle, ...]
    means: Means
    options: Mapping[str, Any]
    steps: Sequence[OwnStep]
    store: Callable[..., Store]
    fields: Mapping[str, Any]
    must_end: bool
    at: datetime
    scope: Mapping[str, Any]

    @property
    def lifecycle(self) -> Lifecycle:
        """
        The lifecycle that is proved.
        """
        return self.lifecycles[-1]

    @property
    def actor(self) -> Actor:
        """
        Who acts where nobody else has to.
        """
        return self.means.first_actor()

    @cached_property
    def tour(self) -> Tour:
        """
        What can be reached; walked once, when the first example runs.
        """
        return tour(self.lifecycles, self.means, fields=self.fields, actor=self.actor, at=self.at)

    @cached_property
    def in_folder(self) -> bool:
        """
        Whether the store is opened in a folder, and can be opened there again.
        """
        parameters = inspect.signature(self.store).parameters.values()
        return any(each.default is each.empty and each.kind.name.startswith("POSITIONAL") for each in parameters)

    def pipeline(self, place: Path) -> CheckedPipeline:
        """
        Return a pipeline over a new store.
        """
        store = partial(self.store, place) if self.in_folder else self.store()
        return CheckedPipeline(self.lifecycles, store=store, **self.options)

    def story(self, calls: list[Call], error: Exception | None = None) -> str:
        """
        Write what was called until an error as Python that runs, without the projects that it does not depend on.
        """
        own = [call for call in calls if project_of(call) in (None, project_of(calls[-1]))]
        if error is not None and len(own) < len(calls) and self._ends_alike(own, error):
            calls = own
        known, writer = usual(calls), StoryWriter()
        writer.name("salesflow.testing", "CheckedPipeline")
        lifecycles = [self._lifecycle(one, writer) for one in self.lifecycles]
        parts = [lifecycles[0] if len(lifecycles) == 1 else f"[{', '.join(lifecycles)}]"]
        lines: list[str] = []
        if self.in_folder:
            factory = self._named(self.store, writer, "store")
            lines.append(f"folder = {writer.name('pathlib', 'Path')}({writer.name('tempfile', 'mkdtemp')}())")
            parts.append(f"store=lambda: {factory}(folder)")
        elif self.store.__module__ != "salesflow.stores._memory.store":
            parts.append(f"store={self._named(self.store, writer, 'store')}()")
        parts += [f"{word}={self._option(word, given, writer)}" for word, given in self.options.items() if given]
        if "at" in known:
            parts.append(f"clock={writer.name('salesflow.testing', 'FrozenClock')}({writer.value(known['at'])})")
        if "actor" in known:
            parts.append(f"actor={writer.value(known['actor'])}")
        lines.append(f"pipeline = CheckedPipeline({', '.join(parts)})")
        lines += told(calls, writer, known)
        given = ", ".join(dict.fromkeys(writer.given))
        note = [f"# {given}: as they were handed to lifecycle_machine()"] if given else []
        return "\n".join([*writer.head(), "", *note, *lines])

    def _ends_alike(self, calls: Iterable[Call], error: Exception) -> bool:
        """
        Tell whether calls by themselves end with the same error.
        """
        with TemporaryDirectory() as folder:
            pipeline = self.pipeline(Path(folder))
            try:
                for call in calls:
                    with suppress(SalesflowError):
                        getattr(pipeline, call.name)(*call.args, **call.how)
            except Exception as found:  # noqa: BLE001 -- whatever went wrong before
                alike = getattr(found, "invariant", repr(found)) == getattr(error, "invariant", repr(error))
            else:
                alike = False
            pipeline.relay.inner.close()
        return alike

    def _option(self, word: str, given: Any, writer: StoryWriter) -> str:
        if callable(given):
            return self._named(given, writer, word)
        if word in ("invariants", "rules"):
            return f"[{', '.join(self._named(one, writer, f'{word}[{n}]') for n, one in enumerate(given))}]"
        return writer.value(given)

    def _lifecycle(self, lifecycle: Lifecycle, writer: StoryWriter) -> str:
        if _built_in(lifecycle):
            return f"{writer.name('salesflow', 'load_lifecycle')}({lifecycle.id!r})"
        return self._named(lifecycle, writer, "lifecycle" if lifecycle is self.lifecycle else lifecycle.id)

    def _named(self, thing: Any, writer: StoryWriter, fallback: str) -> str:
        """
        Return what a thing is called where it can be imported from, or a name that is to be supplied.
        """
        module = str(self.scope.get("__name__", "__main__"))
        found = next((name for name, each in self.scope.items() if each is thing and name.isidentifier()), None)
        if found is not None and module != "__main__":
            return writer.name(module, found)
        if isinstance(thing, type) and thing.__module__.startswith("salesflow.stores."):
            return writer.name("salesflow.stores", thing.__name__)
        writer.given.append(fallback.partition("[")[0])
        return found or fallback


@cache
def _built_in(lifecycle: Lifecycle) -> bool:
    if lifecycle.id not in BUILT_IN:
        return False
    plain = build_lifecycle(lifecycle.id)
    return lifecycle.definition == plain.definition and lifecycle.plugins is plain.plugins

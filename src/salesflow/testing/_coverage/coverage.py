"""
``lifecycle_coverage``: which edges of a lifecycle a block of code takes, and what its guards say meanwhile.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import attrs

from ..._lifecycle.lifecycle import Lifecycle
from ..._model.definition import Definition
from ...errors import InputError
from .observe import Seen, unwatch, watch
from .sums import LifecycleCoverage


@attrs.frozen(eq=False)
class LifecycleWatch:
    """
    What :func:`lifecycle_coverage` has seen of one lifecycle so far.
    """

    lifecycle: Definition
    seen: Seen = attrs.field(repr=False)

    def report(self) -> LifecycleCoverage:
        """
        Return what was seen, against what there is.
        """
        return self.seen.report(self.lifecycle)


def definition_of(lifecycle: Lifecycle | Definition) -> Definition:
    """
    Return what was written.

    Raises:
        InputError: for anything else.
    """
    if isinstance(lifecycle, Lifecycle):
        return lifecycle.definition
    if isinstance(lifecycle, Definition):
        return lifecycle
    raise InputError("lifecycle", lifecycle, "Pass what load_lifecycle() or load_definition() returned.")


@contextmanager
def lifecycle_coverage(lifecycle: Lifecycle | Definition) -> Generator[LifecycleWatch]:
    """
    Watch a lifecycle while a block runs: what the ``with`` statement binds has a ``report()``.

    Every pipeline, bound class and plain ``decide`` counts whose lifecycle has the same id and version, on every
    thread. Blocks may overlap. The report can be asked for in the block and after it.

    Raises:
        InputError: if *lifecycle* is something else.
    """
    found = definition_of(lifecycle)
    seen = Seen(frozenset({(found.id, found.version)}))
    watch(seen)
    try:
        yield LifecycleWatch(found, seen)
    finally:
        unwatch(seen)

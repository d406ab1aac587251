"""
The report of mutation testing: every mutant with the result of its run.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import attrs

from ..._model.frozen import noun
from ._mutants import Mutant


Status: TypeAlias = Literal["killed", "timeout", "survived", "unexercised"]

_COUNTED: Final = ("killed", "survived", "unexercised", "stillborn", "ignored")


@noun
class Trial:
    """
    A mutant with the result of its run.

    Attributes:
        status: ``killed`` if the command failed, ``timeout`` if it took too long, which counts as killed,
            ``survived`` if it passed, or if no test touches what the mutant changes; ``unexercised`` if it never
            read the definition.
        seconds: how long its runs took.
        test: the first test that failed, if the run reported it.
    """

    mutant: Mutant
    status: Status
    seconds: float
    test: str | None = None


@noun
class MutationReport:
    """
    The trials of all mutants of a definition.

    Attributes:
        source: the definition as it was named.
        command: the command that was run for each mutant.
        trials: the trials of the mutants that can be built, in the order of the mutants.
        stillborn: the mutants that cannot be built, which were not run.
        baseline: how many seconds the command took without a mutant.
        seconds: how many seconds everything took.
        ignored: the mutants that were to be ignored, because they are known to decide like the original.
    """

    source: str
    command: tuple[str, ...]
    trials: tuple[Trial, ...]
    stillborn: tuple[Mutant, ...]
    baseline: float
    seconds: float
    ignored: tuple[Mutant, ...] = ()

    @property
    def killed(self) -> tuple[Trial, ...]:
        """
        The mutants that the tests noticed, timeouts included.
        """
        return tuple(trial for trial in self.trials if trial.status in ("killed", "timeout"))

    @property
    def survived(self) -> tuple[Trial, ...]:
        """
        The mutants that no test noticed.
        """
        return self._with("survived")

    @property
    def unexercised(self) -> tuple[Trial, ...]:
        """
        The mutants whose run never read the definition, so that its result means nothing.
        """
        return self._with("unexercised")

    @property
    def score(self) -> float | None:
        """
        The share of the exercised mutants that the tests noticed, 0 to 1; ``None`` if none was exercised.

        The mutation score of DeMillo, Lipton and Sayward (1978), killed / (killed + survived).
        """
        counted = len(self.killed) + len(self.survived)
        return len(self.killed) / counted if counted else None

    @property
    def ok(self) -> bool:
        """
        Whether the tests noticed every mutant.
        """
        return len(self.killed) == len(self.trials)

    def data(self) -> dict[str, Any]:
        """
        Return the report as data for JSON.
        """
        return {
            "source": self.source,
            "command": list(self.command),
            "score": self.score,
            "counts": {name: len(getattr(self, name)) for name in _COUNTED},
            "seconds": {"baseline": round(self.baseline, 3), "all": round(self.seconds, 3)},
            "mutants": [
                {**mutant_data(trial.mutant), "status": trial.status, "seconds": round(trial.seconds, 3)}
                | ({"test": trial.test} if trial.test else {})
                for trial in self.trials
            ],
            "stillborn": [
                {**mutant_data(mutant), "faults": [str(fault) for fault in mutant.faults]} for mutant in self.stillborn
            ],
            "ignored": [mutant_data(mutant) for mutant in self.ignored],
        }

    def _with(self, status: Status) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.status == status)


def mutant_data(mutant: Mutant) -> dict[str, Any]:
    """
    Return a mutant as data for JSON, without its definition.
    """
    texts = {"text": attrs.asdict(mutant.text), "wanted": attrs.asdict(mutant.wanted)}
    return {"id": mutant.id, "kind": mutant.kind, "path": mutant.path, "line": mutant.line, **texts}

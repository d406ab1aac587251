"""
The progress file: what a stopped run of ``mutate`` has found, for the next run to go on from.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from ..._definition.writer import dump
from ..._model.definition import Definition
from ..._model.frozen import noun
from ...errors import InputError
from ._mutants import Mutant
from ._report import Trial


@noun
class Progress:
    """
    A file with a line of JSON for each trial; ``path`` is ``None`` where nothing is kept.

    Attributes:
        run: stands for definition, command and tests: what another run found does not count.
    """

    path: Path | None
    run: str

    @classmethod
    def of(cls, path: str | Path | None, original: Definition, command: Sequence[str], tests: str) -> Progress:
        """
        Return the progress of a run; *tests* is the digest of the test files.
        """
        known = json.dumps([dump(original), list(command), tests]).encode("utf-8", "surrogatepass")
        return cls(None if path is None else Path(path), sha256(known).hexdigest()[:32])

    def trials(self, mutants: Sequence[Mutant]) -> dict[str, Trial]:
        """
        Return what is known of these mutants, by id. A last line that was cut off does not count.

        Raises:
            InputError: if the file cannot be read, or is something else.
        """
        if self.path is None or not self.path.exists():
            return {}
        by_id = {mutant.id: mutant for mutant in mutants}
        try:
            lines = [json.loads(line) for line in self.path.read_bytes().split(b"\n") if line.endswith(b"}")]
            own = [line for line in lines if line["run"] == self.run and line["mutant"] in by_id]
            return {
                line["mutant"]: Trial(by_id[line["mutant"]], line["status"], line["seconds"], line["test"])
                for line in own
            }
        except (OSError, ValueError, LookupError, TypeError) as error:
            hint = f"Name a file that only mutate writes, or that does not exist yet ({error})."
            raise InputError("resume", str(self.path), hint) from None

    def add(self, trial: Trial) -> None:
        """
        Keep a trial.
        """
        if self.path is None:
            return
        line = {"run": self.run, "mutant": trial.mutant.id, "status": trial.status}
        text = json.dumps({**line, "seconds": round(trial.seconds, 3), "test": trial.test}) + "\n"
        with self.path.open("ab") as file:
            # After a line that was cut off, a new line begins.
            file.write(b"\n" * _is_cut(self.path) + text.encode())


def _is_cut(path: Path) -> bool:
    return path.read_bytes()[-1:] not in (b"", b"\n")

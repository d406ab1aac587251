"""
Section H of the contract: any sequence of calls, held against a model of a store.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

from .hooks import Hooks


class Modelled(Hooks):
    """
    Generated sequences of calls.
    """

    def test_any_sequence_of_calls(self, tmp_path: Path) -> None:
        """
        After any sequence of calls, repeats, crashes and jumps of the clock the store is as the model says.
        """
        from hypothesis import Phase, settings  # noqa: PLC0415 -- generated.py says why
        from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415

        from .generated import NO_HURRY  # noqa: PLC0415
        from .machine import StoreMachine  # noqa: PLC0415

        machines: list[StoreMachine] = []

        def machine() -> StoreMachine:
            place = tmp_path / str(len(machines))
            place.mkdir()
            machines.append(StoreMachine(self, place))
            return machines[-1]

        chosen = settings(
            stateful_step_count=self.steps,
            deadline=None,
            suppress_health_check=NO_HURRY,
            print_blob=False,
            report_multiple_bugs=False,
            phases=[phase for phase in settings().phases if phase is not Phase.explain],  # the story explains it
        )
        try:
            run_state_machine_as_test(machine, settings=chosen)  # type: ignore[arg-type]  # a function will do, it says
        except Exception as error:
            story = indent(machines[-1].story.text(str(error)), "    ")
            error.add_note(f"The shortest story that was found, as Python:\n\n{story}\n")
            raise

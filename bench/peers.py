"""
The same eight-event lifecycle in salesflow and in six other libraries, interleaved in one run.

Every event compares an amount with a number: in salesflow with the built-in ``field_compare``.
"""

from __future__ import annotations

import sys

import _ours
from _rivals import rivals
from _timing import BAR_HEAD, Timing, bar, begin, race, table


ROUNDS = 15


def main(rounds: int = ROUNDS) -> None:
    """
    Print microseconds an event, and the ratios that have a bar.
    """
    begin("peers: eight events of one deal, one comparison each")
    timings = race([*_ours.ours(), *rivals()], rounds)
    fire = timings[_ours.FIRE]
    rows = [
        (name, f"{one.best:.2f}", f"{one.median:.2f}", f"{min(one.living):.2f}", f"{fire.best / one.best:.2f}")
        for name, one in timings.items()
    ]
    table(
        f"µs an event, {rounds} rounds",
        ("contender", "best", "median", "with making the deal", "fire / this"),
        rows,
    )
    table("ratios of the best rounds", BAR_HEAD, bars(timings))


def bars(timings: dict[str, Timing]) -> list[tuple[str, ...]]:
    """
    Return a row for each ratio that has a bar, as far as its libraries are installed.
    """
    wanted = [
        ("kernel step / transitions, headless event", _ours.STEP, "transitions, headless event", 0.25, None),
        ("kernel step / bare dict look-up", _ours.STEP, _ours.BARE, None, 1.3),
        ("decide / automat", _ours.DECIDE, "automat", 0.9, 0.6),
        ("fire / transitions, add_model", _ours.FIRE, "transitions, add_model", 1.2, 0.7),
    ]
    rows = [
        bar(name, timings[ours].best / timings[theirs].best, first, final)
        for name, ours, theirs, first, final in wanted
        if theirs in timings
    ]
    if "transitions, add_model" in timings:
        lives = min(timings[_ours.FIRE].living) / min(timings["transitions, add_model"].living)
        rows.append(bar("the same, with making the deal", lives, 1.2, 0.7))
    return rows


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)

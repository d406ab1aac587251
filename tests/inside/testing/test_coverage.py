"""
The recorder of a lifecycle's coverage, and its reports.
"""

from __future__ import annotations

import json

import attrs

from salesflow import (
    Stage,
    Transition,
    guards,
    load_lifecycle,
)
from salesflow._lifecycle import observers
from salesflow.testing import lifecycle_coverage
from salesflow.testing._coverage.observe import Seen
from salesflow.testing._coverage.run import as_data, as_json, as_markdown, as_mermaid, as_text, percent

from ...testing.test_coverage import DEFINITION, DESK, _fire, _pipeline


def test_deciding_takes_nothing():
    """
    A edge that a decision chose is allowed, and not taken.
    """
    with lifecycle_coverage(DEFINITION) as seen:
        pipeline = _pipeline()
        pipeline.open("A", id="A", fields={"seats": 12})
        pipeline.decide("A", "sort")
    edge = seen.report().edges[0]

    assert (True, False) == (edge.accepted, edge.taken)
    assert "(allowed, never committed)" in as_text(seen.report())


def test_watching_leaves_no_trace():
    """
    While two watch, both see; afterwards nobody observes decisions any more.
    """
    before = observers.active
    outer = lifecycle_coverage(DESK)
    first = outer.__enter__()
    with lifecycle_coverage(DESK) as second:
        outer.__exit__(None, None, None)  # not the last one that came
        _fire("sort", seats=12)

    assert (0, 2) == (first.report().covered, second.report().covered)
    assert before == observers.active


def test_what_another_process_saw():
    """
    What is shipped as JSON and merged gives the same report.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
        _fire("finish", stage="small", seats=3, owner="li.wei")
    merged = Seen(frozenset({("desk", "1")}))
    merged.merge(json.loads(json.dumps(seen.seen.dump())))

    assert seen.report() == merged.report(DEFINITION)


def test_percentage():
    """
    The ratio is edges taken and outcomes seen by all of them, and rounds down.
    """
    with lifecycle_coverage(DESK) as seen:
        pass
    empty = seen.report()
    nothing = attrs.evolve(empty, edges=(), guards=())

    # Of finish: the warning, the any_of, its three parts, and two in each of the nested ones.
    assert (0, 9 + 2 * (1 + 1 + 9)) == (empty.covered, empty.total)
    assert (0.0, 1.0) == (empty.ratio, nothing.ratio)
    assert ("99.9 %", "100.0 %", "66.6 %") == (percent(0.9999), percent(1.0), percent(2 / 3))


def test_term_report():
    """
    The report for the terminal names what is missing only, in at most 100 columns.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
        _fire("sort", seats=3)

    assert """\
desk 1: 12.9 % (1 of 9 edges taken, 3 of 22 guard outcomes seen)
  edges not taken
    shrink  open  -> small
    finish  big   -> done
    finish  small -> done
    touch   open  -> open
    hold    big   -> rest
    hold    small -> rest
    resume  rest  -> big
    resume  rest  -> small
  candidates never chosen
    shrink  open -> small
  stages never visited
    small, rest, done
  guards not seen both passing and failing     passing   failing   unknown   skipped
    shrink
      fields_present                                 -       yes         -         -
    finish
      fits any_of                                    -         -         -         -
      fits.any_of[0] all_of                          -         -         -         -
      fits.any_of[0].all_of[0] field_compare         -         -         -         -
      fits.any_of[0].all_of[1] field_compare         -         -         -         -
      fits.any_of[1] all_of                          -         -         -         -
      fits.any_of[1].all_of[0] field_compare         -         -         -         -
      fits.any_of[1].all_of[1] field_compare         -         -         -         -
      fits.any_of[2] fields_present                  -         -         -         -
      fields_present                                 -         -         -         -
""" == as_text(seen.report())


def test_everything():
    """
    The long report has what was taken, visited and seen as well, and nothing that there is not.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
    text = as_text(seen.report(), everything=True)
    plain = attrs.evolve(seen.report(), guards=(), edges=seen.report().edges[:1])

    assert "  edges taken\n    grow  open -> big\n" in text
    assert "  stages visited\n    open, big\n" in text
    assert "\n      field_compare" in text
    assert "desk 1: 100.0 % (1 of 1 edges taken, 0 of 0 guard outcomes seen)" == as_text(plain).splitlines()[0]
    assert max(map(len, text.splitlines())) <= 100


def test_a_long_path_has_a_line_to_itself():
    """
    A path that would push the columns aside stands above them.
    """
    deep = guards.fields_present("owner").but(id="who_it_is")
    for _ in range(5):
        deep = guards.all_of(deep)
    ends = Transition("end", "open", "done", guards=(deep.but(id="a_rather_long_name"),))
    with lifecycle_coverage(attrs.evolve(DEFINITION, transitions=(ends,))) as seen:
        pass
    lines = as_text(seen.report()).splitlines()

    assert 100 >= max(map(len, lines))
    assert "      a_rather_long_name.all_of[0].all_of[0].all_of[0].all_of[0].all_of[0] fields_present" == lines[-2]
    assert ["-"] * 4 == lines[-1].split()


def test_many_stages_are_wrapped():
    """
    A long list of stages is broken over lines.
    """
    stages = tuple(Stage(f"stage_with_a_long_name_{number}") for number in range(12))
    with lifecycle_coverage(attrs.evolve(DEFINITION, stages=stages, transitions=())) as seen:
        pass
    lines = as_text(seen.report()).splitlines()

    assert (True, True) == (max(map(len, lines)) <= 100, len(lines) > 4)


def test_json_report():
    """
    The JSON report has every edge and every guard.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
    (data,) = json.loads(as_json([seen.report()]))["lifecycles"]

    assert as_data(seen.report()) == data
    assert ("desk", "1", 6.45, 2, 31) == tuple(
        data[key] for key in ("lifecycle", "version", "percent", "covered", "total")
    )
    assert ["pass"] == data["guards"][0]["seen"]


def test_mermaid_report():
    """
    The diagram marks each edge that was not taken and each stage that was not visited, and no other one.
    """
    with lifecycle_coverage(DESK) as seen:
        _fire("sort", seats=12)
    lines = as_mermaid(seen.report()).splitlines()

    assert "    _open --> _big : grow" in lines
    assert "    _rest --> _small : resume ✗ not taken" in lines
    assert ["_small", "_rest", "_done"] == [line.split()[1] for line in lines if line.startswith("    class ")]
    assert 8 == sum("not taken" in line for line in lines)
    assert as_markdown([seen.report()]).startswith("## desk 1: 6.4 %\n\n```mermaid\nstateDiagram-v2\n")


def test_a_complete_diagram_has_no_marks():
    """
    Where everything was taken the diagram is the plain one.
    """
    with lifecycle_coverage(DESK) as seen:
        pass
    report = seen.report()
    whole = attrs.evolve(
        report,
        edges=tuple(attrs.evolve(edge, taken=True) for edge in report.edges),
        visited=frozenset(stage.id for stage in DESK.stages),
    )

    assert DESK.mermaid() == as_mermaid(whole)


def test_deadlines_and_effects_are_listed():
    """
    In the text those that are missing, in the data all of them.
    """
    deal = load_lifecycle("simple_deal")
    with lifecycle_coverage(deal) as seen:
        pass
    lines = as_text(seen.report()).splitlines()

    assert "0 of 5 edges taken, 0 of 10 guard outcomes seen, 0 of 2 deadlines passed, 0 of 3 effects run" in lines[1]
    assert "    qualify.rot, propose.rot" == lines[lines.index("  deadlines never passed") + 1]
    assert "    win notify, qualify.rot notify, propose.rot notify" == lines[lines.index("  effects never run") + 1]
    assert (2, 3) == tuple(len(as_data(seen.report())[part]) for part in ("deadlines", "effects"))

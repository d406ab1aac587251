"""
The file of a mapping: what is read from it, and every fault of it at once.
"""

from __future__ import annotations

import json

import attrs
import pytest

import salesflow as sf
from salesflow.errors import DefinitionError, InputError
from salesflow.exchange import PathStep, load_mapping, replay_file

from ..cases import over_cases
from .factory import EXAMPLES, HISTORY, SNAPSHOT, but, definition


LIFECYCLE = sf.build_lifecycle(definition())


def faults(mapping, lifecycle=None) -> list[str]:
    with pytest.raises(DefinitionError) as raised:
        load_mapping(mapping, lifecycle=lifecycle)
    return [str(fault) for fault in raised.value.report.faults]


def test_the_examples_are_read():
    """
    The mappings under examples/ fit the lifecycles beside them.
    """
    for folder, kind in (("maven", "snapshot"), ("salesforce", "history")):
        lifecycle = sf.load_lifecycle(EXAMPLES / folder / "lifecycle.toml")

        assert kind == load_mapping(EXAMPLES / folder / "map.toml", lifecycle=lifecycle).kind


def test_what_is_left_out():
    """
    Names default to the id, times to UTC, the file to UTF-8 with commas.
    """
    mapping = load_mapping(but(SNAPSHOT, fields=None), lifecycle=LIFECYCLE)

    assert (("id",), " ", "UTC", "utf-8-sig", ",", "row", ()) == (
        mapping.name_columns,
        mapping.name_join,
        mapping.timezone,
        mapping.encoding,
        mapping.delimiter,
        mapping.tie_break,
        mapping.fields,
    )
    assert (PathStep("new", "opened"),) == mapping.paths["new"]


def test_columns():
    """
    A mapping names each of its columns once.
    """
    mapping = load_mapping(but(HISTORY, time={**HISTORY["time"], "tie_break": "seq"}))

    assert ("id", "who", "stage", "at", "seq", "value") == mapping.columns


def test_json_and_toml(tmp_path):
    """
    A mapping may be written in JSON as well.
    """
    path = tmp_path / "map.json"
    path.write_text(json.dumps(SNAPSHOT), "utf-8")

    assert load_mapping(SNAPSHOT) == load_mapping(path) == load_mapping(str(path))


@pytest.mark.parametrize(
    ("name", "text", "said"), [("no.toml", None, "cannot be read"), ("bad.toml", "a = ", "not valid TOML")]
)
def test_a_file_that_is_none(tmp_path, name, text, said):
    """
    A file that is not there or no TOML is named.
    """
    path = tmp_path / name
    if text is not None:
        path.write_text(text, "utf-8")
    with pytest.raises(DefinitionError, match=said) as raised:
        load_mapping(path)

    assert str(raised.value).startswith(f"{path}: 1 fault")


def test_an_empty_mapping():
    """
    What a mapping must have is told at once, without what follows from it.
    """
    assert [
        "mapping: key 'schema' is missing [key.missing]. Add schema = ….",
        "mapping: key 'kind' is missing [key.missing]. Add kind = ….",
        "mapping: key 'project' is missing [key.missing]. Add project = ….",
        "mapping: key 'actor' is missing [key.missing]. Add actor = ….",
        "mapping: key 'stage' is missing [key.missing]. Add stage = ….",
        "mapping: key 'time' is missing [key.missing]. Add time = ….",
    ] == faults({}, LIFECYCLE)


SHAPES = {
    "schema: schema 2 is newer than 1 [schema.newer]. Use a newer salesflow; nothing else was checked.": {"schema": 2},
    "schema: True is not usable [value.type]. It must be an integer.": {"schema": True},
    "kind: 'histroy' is not usable [value.choice]. It must be one of 'snapshot', 'history'. Did you mean 'history'?": {
        "kind": "histroy"
    },
    "delimeter: unknown key 'delimeter' [key.unknown]. Also possible here: lifecycle, encoding, delimiter, numbers, "
    "ignore. Did you mean 'delimiter'?": {"delimeter": ";"},
    "encoding: 'klingon' is not a text encoding [value.choice]. For example 'utf-8' or 'gb18030'.": {
        "encoding": "klingon"
    },
    "paths: it is missing [key.missing]. Say through which steps a deal came to each stage.": {"paths": None},
    "delimiter: '||' cannot separate cells [value.choice]. Give one character, such as ',' or ';'.": {
        "delimiter": "||"
    },
    "actor.column: it is missing [key.missing]. Give a column, when_missing, or both.": {"actor": {}},
    "actor.column: there is an empty text [value.type]. Give a text, or leave it out.": {"actor": {"column": ""}},
    "stage.values: it is empty [key.missing]. Write one line for each stage of the CRM: its word = the stage id.": {
        "stage": {"column": "stage", "values": {}}
    },
    "stage.values.New: 3 is not usable [value.type]. It must be a stage id.": {
        "stage": {"column": "stage", "values": {"New": 3}}
    },
    "project.name.columns[2]: 3 is not usable [value.type]. It must be text.": {
        "project": {"id": {"column": "id"}, "name": {"columns": ["a", "", 3]}}
    },
    "project.name.columns: there is an empty text [value.type]. Give a text, or leave it out.": {
        "project": {"id": {"column": "id"}, "name": {"columns": ["a", ""]}}
    },
    "time: key 'formats' is missing [key.missing]. Add formats = ….": {"time": {"timezone": "UTC"}},
    "time.formats: the list is empty [value.type]. Use the directives of datetime.strptime, for "
    "example '%Y-%m-%d', or 'iso8601'.": {"time": {"formats": []}},
    "time.column: a snapshot has no such key [key.conflict]. Leave it out, or write the other kind.": {
        "time": {**SNAPSHOT["time"], "column": "at"}
    },
    "time.tie_break: a snapshot has no such key [key.conflict]. Leave it out, or write the other kind.": {
        "time": {**SNAPSHOT["time"], "tie_break": "seq"}
    },
    "time.formats: '%Q' is not a date format [value.choice]. Use the directives of datetime.strptime, for "
    "example '%Y-%m-%d', or 'iso8601'.": {"time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Q"]}},
    "time.timezone: there is no time zone 'Mars/Base' [value.choice]. Give an IANA name such as 'Asia/Shanghai'; "
    "a machine without a zone database needs the package tzdata.": {
        "time": {**SNAPSHOT["time"], "timezone": "Mars/Base"}
    },
    "time.formats: '%Y %Y' is not a date format [value.choice]. Use the directives of datetime.strptime, for "
    "example '%Y-%m-%d', or 'iso8601'.": {"time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y %Y"]}},
    "time.formats: 'iso 8601' is not a date format [value.choice]. Use the directives of datetime.strptime, for "
    "example '%Y-%m-%d', or 'iso8601'.": {"time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M", "iso 8601"]}},
    "time.formats: '\\ud800' is not a date format [value.choice]. Use the directives of datetime.strptime, for "
    "example '%Y-%m-%d', or 'iso8601'.": {"time": {"formats": ["%Y-%m-%d", "%Y-%m-%d %H:%M", "\ud800"]}},
    "time.formats: there are 21 formats [value.choice]. Give at most 20.": {"time": {"formats": ["%Y-%m-%d"] * 21}},
    **{
        f"encoding: {name!r} is not a text encoding [value.choice]. For example 'utf-8' or 'gb18030'.": {
            "encoding": name
        }
        for name in ("punycode", "idna", "unicode_escape", "undefined", "rot13", "base64", "a\0b", "klingon")
    },
    "numbers.decimal: ';' is not a decimal mark [value.choice]. Write '.' or ','.": {"numbers": {"decimal": ";"}},
    "numbers.thousands: '.' cannot separate thousands [value.choice]. Write one of ',', '.', ' ' and \"'\", and "
    "not the decimal mark; leave it out if numbers have none.": {"numbers": {"thousands": "."}},
    "fields.owner.values.x: 3 is not usable [value.type]. It must be a text, true or false.": {
        "fields": {"owner": {"column": "who", "values": {"x": 3}}}
    },
    "paths.new: 'opened' is not a list of tables [value.type]. Give a list of steps, each { stage = …, column = … }.": {
        "paths": {**SNAPSHOT["paths"], "new": "opened"}
    },
    "paths.new[0]: 'new' is not a table [value.type]. Write { key = value, … }.": {
        "paths": {**SNAPSHOT["paths"], "new": ["new"]}
    },
    "paths.new[0].column: it is missing [key.missing]. Give a column, when_missing, or both.": {
        "paths": {**SNAPSHOT["paths"], "new": [{"stage": "new"}]}
    },
    "paths.new[0].when_missing: 'never' is not a time [value.type]. Write it like the times of the file: %Y-%m-%d, "
    "%Y-%m-%d %H:%M.": {"paths": {**SNAPSHOT["paths"], "new": [{"stage": "new", "when_missing": "never"}]}},
    "fields.owner.min: 'x' is not usable [value.type]. It must be a number.": {
        "fields": {"owner": {"column": "who", "min": "x"}}
    },
    "fields.owner: 3 is not a table [value.type]. Write { key = value, … }.": {"fields": {"owner": 3}},
}


@over_cases("said", SHAPES)
def test_a_fault_of_shape(said):
    """
    Each thing that can be wrong with a mapping itself has its own sentence.
    """
    assert said in faults(but(SNAPSHOT, **SHAPES[said]), LIFECYCLE)


def test_a_history_needs_its_time():
    """
    A history has a column with times, no paths, and its fields come with every row.
    """
    strange = "a history has no such key [key.conflict]. Leave it out, or write the other kind."

    assert [
        f"fields.amount.on: {strange}",
        f"paths: {strange}",
        "time.column: it is missing [key.missing]. Give the column with the time of a change.",
    ] == faults(but(SNAPSHOT, kind="history"))


def test_a_fault_has_the_line_of_its_file(tmp_path):
    """
    What is wrong with a file is reported with its line, whether it is malformed or unknown to the lifecycle.
    """
    path = tmp_path / "map.toml"
    text = (EXAMPLES / "maven" / "map.toml").read_text("utf-8")
    path.write_text(text.replace('column = "sales_agent"', "column = 3"), "utf-8")
    lifecycle = sf.build_lifecycle(attrs.evolve(definition(), id="maven_crm"))
    found = {fault.partition(": ")[0] for fault in faults(path, lifecycle)}

    assert {"actor.column (line 12)", "stage.values.Prospecting (line 22)"} <= found


MISFITS = {
    "lifecycle: the lifecycle is 'crm' [lifecycle.other]. The mapping is written for 'other'; pass that lifecycle, or "
    "another mapping.": {"lifecycle": "other"},
    "stage.values.New: there is no stage 'newest' [stage.unknown]. Stages: new, working, won, lost. "
    "Did you mean 'new'?": {"stage": {"column": "stage", "values": {"New": "newest"}}},
    "paths.lost: it is missing [key.missing]. Say through which steps a deal came to 'lost'.": {
        "paths": {key: SNAPSHOT["paths"][key] for key in ("new", "working", "won")}
    },
    "paths.new: it leads nowhere [path.ends]. It starts with 'new', where projects open, and ends with 'new'.": {
        "paths": {**SNAPSHOT["paths"], "new": []}
    },
    "paths.new: it leads working [path.ends]. It starts with 'new', where projects open, and ends with 'new'.": {
        "paths": {**SNAPSHOT["paths"], "new": [{"stage": "working", "column": "opened"}]}
    },
    "paths.won[1]: no transition leads from 'new' to 'won' [path.gap]. Stages that transitions lead to from 'new': "
    "working, lost.": {
        "paths": {
            **SNAPSHOT["paths"],
            "won": [{"stage": "new", "column": "opened"}, {"stage": "won", "column": "closed"}],
        }
    },
    "paths.new[0].stage: there is no stage 'nww' [stage.unknown]. Stages: new, working, won, lost. "
    "Did you mean 'new'?": {"paths": {**SNAPSHOT["paths"], "new": [{"stage": "nww", "column": "opened"}]}},
    "fields.ownr: lifecycle 'crm' declares no such field [field.unknown]. Fields: owner, amount, seats, share, "
    "renewal, segment, account, due, met_at. Did you mean 'owner'?": {"fields": {"ownr": {"column": "who"}}},
    "fields.owner.on: there is no stage 'x' [stage.unknown]. Stages: new, working, won, lost.": {
        "fields": {"owner": {"column": "who", "on": ["x"]}}
    },
    "fields.amount.currency: it is missing [key.missing]. Give the ISO 4217 code of the amounts, or "
    "currency_column where each row names its own.": {"fields": {"amount": {"column": "value"}}},
    "fields.amount.currency: 'euro' is not a currency code [value.type]. Pass the ISO 4217 code, three capital letters "
    "such as 'CNY' or 'EUR'.": {"fields": {"amount": {"column": "value", "currency": "euro"}}},
    "fields.owner.currency: the field is of type text [key.conflict]. Only money has one.": {
        "fields": {"owner": {"column": "who", "currency": "EUR"}}
    },
    "fields.owner.currency_column: the field is of type text [key.conflict]. Only money has one.": {
        "fields": {"owner": {"column": "who", "currency_column": "unit"}}
    },
    "fields.renewal.values.Ja: value is not a valid truth value (true or false; see values in the mapping) "
    "[value.type]. Write what this field takes, as a cell of the file would say it.": {
        "fields": {"renewal": {"column": "value", "values": {"Ja": "ja"}}}
    },
    "fields.owner.min: the field is of type text [key.conflict]. Only numbers have one.": {
        "fields": {"owner": {"column": "who", "min": 1}}
    },
    "fields.seats.when_missing: value is not a valid whole number (see [numbers] in the mapping) [value.type]. "
    "Write it like the cells of the file.": {"fields": {"seats": {"column": "value", "when_missing": "many"}}},
}


@over_cases("said", MISFITS)
def test_a_fault_against_the_lifecycle(said):
    """
    Each thing that does not fit the lifecycle has its own sentence, and nothing follows from it.
    """
    assert [said] == faults(but(SNAPSHOT, **MISFITS[said]), LIFECYCLE)


def test_all_faults_at_once():
    """
    Faults of shape and faults against the lifecycle come in one report.
    """
    found = faults(but(SNAPSHOT, delimiter="||", fields={"ownr": {"column": "who"}}), LIFECYCLE)

    assert ["delimiter", "fields.ownr"] == [fault.partition(":")[0] for fault in found]


def test_a_mapping_for_another_lifecycle(tmp_path):
    """
    A mapping that was loaded alone is checked against the lifecycle of the import.
    """
    mapping = load_mapping(but(SNAPSHOT, fields={"ownr": {"column": "who"}}))
    with pytest.raises(DefinitionError, match="mapping: 1 fault"):
        replay_file(tmp_path / "deals.csv", mapping=mapping, lifecycle=LIFECYCLE)


def test_what_an_import_runs_on(tmp_path):
    """
    An import needs a lifecycle or a pipeline, and not both.
    """
    mapping, pipeline = load_mapping(SNAPSHOT), sf.Pipeline(LIFECYCLE)
    with pytest.raises(InputError, match="Pass the lifecycle that the deals went through, or a pipeline"):
        replay_file(tmp_path / "deals.csv", mapping=mapping)
    with pytest.raises(InputError, match="pass either it or those"):
        replay_file(tmp_path / "deals.csv", mapping=mapping, lifecycle=LIFECYCLE, pipeline=pipeline)

"""
The CSV file as a whole: encodings, line ends, columns, and files that are none.
"""

from __future__ import annotations

import csv

import attrs
import pytest

from salesflow.errors import InputError, InputErrors
from salesflow.exchange import replay_file

from ..cases import over_cases
from .factory import HISTORY, SNAPSHOT, but, told


HEADER = "id,who,stage,at,value"
ROW = "D-1,Zoë,New,2024-01-01,5"


def replay(crm, data, mapping=HISTORY):
    return replay_file(crm.write(data), mapping=crm.mapped(mapping), lifecycle=crm.lifecycle, store=crm.store)


@pytest.mark.untraced
@pytest.mark.parametrize("mark", ["", "\N{ZERO WIDTH NO-BREAK SPACE}"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "utf-16"])
def test_marks_and_line_ends(crm, mark, end, encoding):
    """
    Byte order marks and all kinds of line ends are read as they are meant.
    """
    codec = "utf-16" if encoding == "utf-16" else "utf-8"
    report = replay(crm, (mark + end.join([HEADER, ROW, ""])).encode(codec), but(HISTORY, encoding=encoding))

    assert (1, "Zoë") == (report.imported, crm.history("D-1")[0].actor.name)


def test_another_delimiter(crm):
    """
    Cells may be parted by another sign, and blanks around them are cut off.
    """
    text = f"{HEADER}\n{ROW}\n".replace(",", " ; ")

    assert 1 == replay(crm, text, but(HISTORY, delimiter=";")).imported


def test_a_very_long_cell(crm):
    """
    A long cell in a column that the mapping does not use costs nothing, and the limit of the process stays.
    """
    before = csv.field_size_limit()
    report = replay(crm, f"{HEADER},mail\n{ROW},short\n{ROW.replace('1', '2', 1)},{'x' * 140_000}\n")

    assert (2, before) == (report.imported, csv.field_size_limit())


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_separator(crm, line):
    """
    The first line of some spreadsheets only names the delimiter; rows are counted without it.
    """
    text = f"{HEADER}\n{ROW}\nD-2,x,Gone,2024-01-01,\n".replace(",", ";")
    report = replay(crm, f"{line}\r\n{text}", but(HISTORY, delimiter=";"))

    assert (1, [3]) == (report.imported, [problem.row for problem in report.problems])
    with pytest.raises(InputError, match=r"Its first line sep=; names .* delimiter = ';' in the mapping"):
        replay(crm, f"{line}\r\n{text}")


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_a_delimiter_that_the_mapping_does_not_say(crm, mark):
    """
    A file with another delimiter is one error that says which, not one for each column.
    """
    with pytest.raises(InputError, match="are separated by") as raised:
        replay(crm, f"{HEADER}\n{ROW}\n".replace(",", mark))

    assert f"Write delimiter = {mark!r}." in str(raised.value)


KINDS = {
    "an .xlsx workbook": b"PK\x03\x04rest",
    "an .xls workbook": b"\xd0\xcf\x11\xe0rest",
    "compressed with gzip": b"\x1f\x8brest",
    "compressed with bzip2": b"BZh9rest",
    "a PDF document": b"%PDF-1.7",
    "an SQLite database": b"SQLite format 3\0",
    "an event log in XES": b'<?xml version="1.0"?>\n<log xes.version="1.0">',
    "a process model in BPMN": b'\xef\xbb\xbf<?xml version="1.0"?>\n<bpmn:definitions xmlns:bpmn="x">',
    "an HTML page": b"<!DOCTYPE html><table>",
    "XML": b"<deals/>",
    "JSON": b'[\n  {"id": "D-1"}]',
}


@over_cases("kind", KINDS)
def test_a_file_of_another_kind(crm, kind):
    """
    A file that is not CSV is named for what it is, with what to do about it.
    """
    with pytest.raises(InputError, match=f"It is not CSV but {kind}"):
        replay(crm, KINDS[kind])


def test_an_encoding_that_finds_no_place(crm):
    """
    An encoding that cannot say where it failed still ends in advice.
    """
    mapping = attrs.evolve(crm.mapped(HISTORY), encoding="klingon")
    with pytest.raises(InputError, match=r"It is not klingon\. Save it as UTF-8"):
        replay_file(crm.write(HEADER), mapping=mapping, lifecycle=crm.lifecycle)


def test_a_currency_column_that_is_left_out(crm):
    """
    Amounts of several currencies are never all taken for one: the column is used, or left out on purpose.
    """
    header, rows = f"{HEADER},Currency,Exchange currency", f"{ROW},EUR,1.1\n{ROW.replace('1', '2', 1)},JPY,1.2\n"
    with pytest.raises(InputError, match="It holds JPY, and every amount would be EUR") as raised:
        replay(crm, f"{header}\n{rows}")

    assert "currency_column = 'Currency' under fields.amount, or ignore = ['Currency'] at the top" in str(raised.value)
    assert 2 == replay(crm, f"{header}\n{rows}", but(HISTORY, ignore=["Currency"])).imported
    assert 2 == replay(crm, f"{header}\n{rows}".replace("JPY", "EUR")).already


def test_several_currency_columns(crm):
    """
    All such columns are named at once; without amounts they do not matter.
    """
    text = f"{HEADER},币种,Devise\n{ROW},CNY,CHF\n"
    with pytest.raises(InputErrors) as raised:
        replay(crm, text)

    assert ["币种", "Devise"] == [problem.value for problem in raised.value.problems]
    assert 1 == replay(crm, text, but(HISTORY, fields=None)).imported


def test_blank_rows(crm):
    """
    Blank rows are counted and passed over; the numbers of the others are those of a spreadsheet.
    """
    report = replay(crm, f'{HEADER}\n\n,,,,\n{ROW}\n"a\nb",x,New,2024-01-01,\n?,x,New,2024-01-01,\n')

    assert (5, 1, 2, 2) == (report.rows, report.imported, report.refused, report.blank)
    assert [5, 6] == [problem.row for problem in report.problems]


def test_another_encoding(crm):
    """
    A file in another encoding is refused with the place and the way to say so.
    """
    with pytest.raises(InputError, match="not utf-8-sig: line 2, byte 28") as raised:
        replay(crm, f"{HEADER}\n{ROW}\n".encode("cp1252"))

    assert "name its encoding in the mapping" in str(raised.value)
    assert 1 == replay(crm, f"{HEADER}\n{ROW}\n".encode("cp1252"), but(HISTORY, encoding="cp1252")).imported


@pytest.mark.parametrize("text", ["", "\n", "\N{ZERO WIDTH NO-BREAK SPACE}"])
def test_an_empty_file(crm, text):
    """
    A file without a header is refused.
    """
    with pytest.raises(InputError, match="is empty; its first row must name the columns"):
        replay(crm, text)


def test_a_header_alone(crm):
    """
    A header without rows is an import of nothing.
    """
    report = replay(crm, HEADER)

    assert (0, 0, 0) == (report.rows, report.imported, report.deals)


def test_no_file(crm, tmp_path):
    """
    A file that cannot be read is named with the reason, also where the mapping is given as data.
    """
    for name, reason in {"no.csv": "No such file or directory", "": "Is a directory", "a\0b": "null byte"}.items():
        with pytest.raises(InputError, match=rf"^file: .*It cannot be read \(.*{reason}"):
            replay_file(tmp_path / name, mapping=HISTORY, lifecycle=crm.lifecycle)


def test_blank_lines_above_the_header(crm):
    """
    Blank lines before the first row are passed over, and the rows keep their numbers.
    """
    report = replay(crm, f"\n,,,,\n{HEADER}\n{ROW}\nD-2\n")

    assert (1, [5]) == (report.imported, [problem.row for problem in report.problems])


def test_missing_columns(crm):
    """
    All columns that the file lacks are named at once, and nothing is imported.
    """
    with pytest.raises(InputErrors) as raised:
        replay(crm, f"id,who,stages,opened,x\n{ROW}\n", but(SNAPSHOT, fields=None))

    assert ["stage", "worked", "closed"] == [problem.value for problem in raised.value.problems]
    assert "Did you mean 'stages'?" in str(raised.value)
    assert "It has: id, who, stages, opened, x." in str(raised.value)
    assert {} == crm.stand("D-1")


def test_one_missing_column(crm):
    """
    A single missing column is named alone.
    """
    with pytest.raises(InputError, match="column: 'value' is not usable"):
        replay(crm, f"id,who,stage,at\n{ROW}\n")


def test_a_column_twice(crm):
    """
    A column that is there twice could mean either, and is refused.
    """
    with pytest.raises(InputError, match="has it twice"):
        replay(crm, f"{HEADER},who\n{ROW},x\n")


@pytest.mark.parametrize("row", ['D-1,"Zoë,New,2024-01-01,5', 'D-1,"Zoë"x,New,2024-01-01,5'])
def test_no_csv(crm, row):
    """
    A quote that is never closed does not swallow the rest of the file; its row is named.
    """
    with pytest.raises(InputError, match="The row that begins in line 3 is not CSV"):
        replay(crm, f"{HEADER}\n{ROW}\n{row}\n{ROW}\n")

    assert {} == crm.stand("D-1")


def test_a_name_that_is_too_long(crm):
    """
    A name over 500 characters is a problem of its row.
    """
    mapping = but(HISTORY, project={"id": {"column": "id"}, "name": {"columns": ["value"]}}, fields=None)
    report = replay(crm, f"{HEADER}\nD-1,x,New,2024-01-01,{'n' * 501}", mapping)

    assert ["row 2: the name has more than 500 characters"] == told(report)


@pytest.mark.parametrize("join", [" / ", ""])
def test_a_name_of_several_columns(crm, join):
    """
    A name is joined from its columns, empty ones left out; without any it is the id.
    """
    name = {"columns": ["who", "value"], "join": join}
    actor = {"column": "who", "when_missing": "import"}
    mapping = but(HISTORY, project={"id": {"column": "id"}, "name": name}, actor=actor)
    rows = ("D-1,ann,New,2024-01-01,5", "D-2,,New,2024-01-01,5", "D-3,,New,2024-01-01,")
    replay(crm, "\n".join([HEADER, *rows]), mapping)

    assert [f"ann{join}5", "5", "D-3"] == [crm.store.head(f"D-{number}").name for number in (1, 2, 3)]
    assert "import" == crm.history("D-2")[0].actor.name


def test_an_actor_for_all_rows(crm):
    """
    An export that names nobody is imported in one name.
    """
    replay(crm, f"{HEADER}\n{ROW}\n", but(HISTORY, actor={"when_missing": "import"}))

    assert "import" == crm.history("D-1")[0].actor.name

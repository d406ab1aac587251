"""
What opening a journal does with files that are torn, damaged, foreign or new.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from salesflow import Project
from salesflow.errors import InputError, SchemaMismatchError, StoreCorruptError, StoreError
from salesflow.stores import JournalStore, Recovered
from salesflow.stores._journal.line_format import LIMIT_LINE, make_line, read_header
from salesflow.typing import Changed, EntryPut

from ...stores.factory import SEGMENT, changed, commit, dump, grow, grown, opened, write
from ..builders import FastDisk


def journal(folder: Path, facts: int = 3) -> tuple[Path, bytes, list[int]]:
    """Write a small journal; return its file, its bytes, and where its lines end."""
    with_store(folder, lambda store: grow(store, facts=facts))
    path = folder / SEGMENT
    data = path.read_bytes()
    return path, data, [at + 1 for at, byte in enumerate(data) if byte == ord("\n")]


def with_store(folder: Path, use):
    store = JournalStore(folder, disk=FastDisk())
    try:
        return use(store)
    finally:
        store.close()


def versions(store: JournalStore) -> list[int]:
    return [each.version for each in store.load("P-1")]


def opened_or_refused(folder: Path) -> tuple[str | None, Recovered | None, list[int]]:
    """Open a journal; return the place it was refused for, or what was cut and what is left."""
    try:
        return None, *with_store(folder, lambda store: (store.recovered, versions(store)))
    except StoreCorruptError as error:
        return error.place, None, []


def add_line(path: Path, payload: bytes) -> None:
    """Put one more line into a closed journal, checksums and all."""
    lines = path.read_bytes().splitlines(keepends=True)
    seed, _crc = read_header(lines[0], "")
    path.write_bytes(b"".join(lines) + make_line(payload, int(lines[-1][:8], 16), seed)[0])


@pytest.mark.slow
def test_torn_at_every_byte(folder):
    """
    Wherever the writing of the last line was cut, it alone is put aside, and writing goes on.
    """
    path, data, ends = journal(folder)
    for cut in range(ends[-2] + 1, ends[-1]):
        path.write_bytes(data[:cut])
        store = JournalStore(folder, disk=FastDisk())
        kept = store.recovered.kept

        assert Recovered(cut - ends[-2], ends[-2], kept) == store.recovered
        assert data[ends[-2] : cut] == kept.read_bytes()
        assert ([1, 2], data[: ends[-2]]) == (versions(store), path.read_bytes())

        write(store, changed(store.head("P-1")))
        store.close()
        kept.unlink()

        assert [1, 2, 3] == with_store(folder, versions)


def test_cut_between_lines_is_no_tear(folder):
    """
    A file that ends with a whole line has nothing to recover.
    """
    path, data, ends = journal(folder)
    for end in ends:
        path.write_bytes(data[:end])

        assert (None, ends.index(end)) == with_store(folder, lambda store: (store.recovered, len(versions(store))))


@pytest.mark.slow
def test_every_byte_damaged(folder):
    """
    A changed byte is refused with its place, or cuts the last line alone: no answer is ever altered.
    """
    path, data, ends = journal(folder)
    cut_at = set()
    for at in range(len(data)):
        damaged = bytearray(data)
        damaged[at] ^= 0x01 if at % 2 else 0xFF
        path.write_bytes(damaged)
        number = sum(end <= at for end in ends) + 1
        place, recovered, found = opened_or_refused(folder)
        if place is None:
            cut_at.add(recovered.offset)
            recovered.kept.unlink()

            assert (len(ends), [1, 2]) == (number, found)
        else:
            assert f"{path}:{number}, byte {[0, *ends][number - 1]}" == place
            assert bytes(damaged) == path.read_bytes()

    assert {ends[-2]} == cut_at


@pytest.mark.parametrize("number", [1, 2, 3])
def test_missing_line(folder, number):
    """
    A line that is gone from the middle is noticed, though every other line is whole.
    """
    path, data, _ends = journal(folder, facts=4)
    lines = data.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    with pytest.raises(StoreCorruptError, match="damaged or missing") as caught:
        JournalStore(folder)

    assert f"{path}:{number + 1}, byte {len(b''.join(lines[:number]))}" == caught.value.place


def test_line_of_another_journal(folder, tmp_path):
    """
    A line of another journal never fits: at the end it is cut like a torn one.
    """
    path, data, ends = journal(folder)
    _path, other, other_ends = journal(tmp_path / "other", facts=4)
    path.write_bytes(data + other[other_ends[-2] :])

    assert (ends[-1], [1, 2, 3]) == with_store(folder, lambda store: (store.recovered.offset, versions(store)))


def test_torn_twice_at_one_place(folder):
    """
    What was put aside before is never overwritten.
    """
    path, data, ends = journal(folder)
    kept = []
    for tail in (b"one", b"two", b"three"):
        path.write_bytes(data + tail)
        kept.append(with_store(folder, lambda store: store.recovered.kept))

    stem = f"torn-{SEGMENT.removesuffix('.sfj')}-{ends[-1]}"

    assert [f"{stem}.bin", f"{stem}-2.bin", f"{stem}-3.bin"] == [each.name for each in kept]
    assert [b"one", b"two", b"three"] == [each.read_bytes() for each in kept]


def test_torn_header(folder):
    """
    A header is durable before the journal has its name, so a torn one is damage.
    """
    path, data, ends = journal(folder, facts=1)
    for cut in range(ends[0]):
        path.write_bytes(data[:cut])
        with pytest.raises(StoreCorruptError) as caught:
            JournalStore(folder)

        assert (f"{path}:1, byte 0", data[:cut]) == (caught.value.place, path.read_bytes())


def test_tail_of_zeros(folder):
    """
    A tail of zeros, as a crash leaves the reserve, is cut whatever its size, and is no loss to report.
    """
    path, data, _ends = journal(folder)
    path.write_bytes(data + bytes(3 * 1024 * 1024))

    assert (None, [1, 2, 3]) == with_store(folder, lambda store: (store.recovered, versions(store)))
    assert data == path.read_bytes()


@pytest.mark.parametrize("reserve", [1, 5000, 1024 * 1024 + 7])
def test_torn_in_front_of_a_reserve(folder, reserve):
    """
    What was torn is kept aside without the zeros behind it.
    """
    path, data, ends = journal(folder)
    torn = data[: ends[-1] - 9]
    path.write_bytes(torn + bytes(reserve))
    cut, kept, left = with_store(
        folder, lambda store: (store.recovered.size, store.recovered.kept.read_bytes(), versions(store))
    )

    assert torn.endswith(kept)
    assert (len(kept), [1, 2]) == (cut, left)


@pytest.mark.long
def test_line_behind_much_damage(folder):
    """
    A whole line is found however far behind the damage it stands.
    """
    path, data, ends = journal(folder)
    path.write_bytes(data[: ends[0]] + bytes(LIMIT_LINE + 5000) + data[ends[0] :])
    with pytest.raises(StoreCorruptError) as caught:
        JournalStore(folder)

    assert f"follows at byte {ends[0] + LIMIT_LINE + 5000}" in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"stage,owner\n", bytes(5000)], ids=["empty", "csv", "zeros"])
def test_foreign_file(folder, content):
    """
    A file that is no journal is refused and left as it is.
    """
    folder.mkdir(mode=0o700)
    path = folder / SEGMENT
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError, match="does not begin with the header"):
        JournalStore(folder)

    assert content == path.read_bytes()


def test_newer_format(folder):
    """
    A journal of a newer format is named with both formats.
    """
    path, data, ends = journal(folder)
    payload = data[: ends[0] - 1].split(b" ", 3)[3].replace(b"sfj/1", b"sfj/2")
    seed, _crc = read_header(data[: ends[0]], "")
    path.write_bytes(make_line(payload, 0, seed)[0])
    with pytest.raises(SchemaMismatchError, match="newer salesflow") as caught:
        JournalStore(folder)

    assert "sfj/2" == caught.value.found


def test_newer_fact(folder):
    """
    A fact of a newer schema is refused, and the journal left as it is.
    """
    path, data, ends = journal(folder)
    payload = data[ends[0] : ends[1] - 1].split(b" ", 3)[3]
    add_line(path, payload.replace(b'"v":1', b'"v":99').replace(b'"position":1', b'"position":4'))
    before = path.read_bytes()
    with pytest.raises(SchemaMismatchError) as caught:
        JournalStore(folder)

    assert (99, before) == (caught.value.found, path.read_bytes())


@pytest.mark.parametrize(
    "payload",
    [
        b'{"position":9}',
        b'{"facts":[]}',
        b'{"facts":3,"position":4}',
        b'{"key":["k"],"position":4}',
        b'{"notices":[{"v":1}],"position":4}',
        b'{"facts":["x"],"position":4}',
        b'{"notices":[{"v":1,"project":"P-1","version":1,"to":[],"topic":"t","params":{}}],"position":4}',
        b'{"work":[["d:P-1:1:sla","2026-03-02T09:00:00Z",1,1,null,null,null]],"position":4}',
        b'{"dropped":[["P-1"]],"position":4}',
        b'{"purge":"yesterday","position":4}',
        b'{"attempts":[{"v":1}],"position":4}',
        b'{"group":[3],"position":4}',
        b'{"group":3}',
        b'{"position":4',
    ],
)
def test_line_that_says_nonsense(folder, payload):
    """
    A sound line that no journal would hold is refused with its place.
    """
    path, data, _ends = journal(folder)
    add_line(path, payload)
    with pytest.raises(StoreCorruptError, match="its content cannot be read") as caught:
        JournalStore(folder)

    assert f"{path}:5, byte {len(data)}" == caught.value.place


def test_fact_out_of_order(folder):
    """
    A fact that does not follow its project's last one is refused.
    """
    path, data, ends = journal(folder)
    payload = data[ends[1] : ends[2] - 1].split(b" ", 3)[3]
    add_line(path, payload.replace(b'"position":2', b'"position":4'))
    with pytest.raises(StoreCorruptError, match="does not follow version 3"):
        JournalStore(folder)


def made_class(kind: str, **attributes: object) -> type:
    """An entry class as a plugin would bring it."""
    import attrs

    return attrs.make_class("Note", {"id": attrs.field(type=str), **attributes}, frozen=True, class_body={"kind": kind})


def test_entries_of_plugins(folder):
    """
    Entries of plugins are read back by the classes that the journal is opened with.
    """
    note = made_class("acme.note")
    store = JournalStore(folder, entries=[note])
    project = write(store, opened("P-1", EntryPut(note("n-1"))))
    store.close()
    again = JournalStore(folder, entries=[note])

    assert project == again.head("P-1")

    again.close()
    with JournalStore(folder) as bare:
        assert ["acme.note"] == list(bare.head("P-1").opaque)


def test_unknown_entries_are_not_written(folder):
    """
    What the journal could not read back is refused before it is written.
    """
    store = JournalStore(folder)
    project = write(store, opened())
    stranger = made_class("artefact")("a-1")
    with pytest.raises(InputError, match=r"entries=\["):
        store.commit(commit(grown(project, Changed((EntryPut(stranger),)))))
    store.close()

    assert [1] == with_store(folder, versions)


def test_changed_entry_class(folder):
    """
    A class that no longer takes what was written is told apart from damage.
    """
    import attrs

    note = made_class("acme.note", text=attrs.field(type=str))
    store = JournalStore(folder, entries=[note])
    write(store, opened("P-1", EntryPut(note("n-1", "hello"))))
    store.close()
    with pytest.raises(StoreError, match="undamaged") as caught:
        JournalStore(folder, entries=[made_class("acme.note")])

    assert StoreError is type(caught.value)
    assert f"{folder / SEGMENT}:2" in str(caught.value)


def test_one_class_for_a_kind(folder):
    """
    Two classes of one kind are refused; the same class twice is fine.
    """
    note = made_class("acme.note")
    JournalStore(folder, entries=[note, note]).close()
    with pytest.raises(InputError, match="belongs to"):
        JournalStore(folder, entries=[note, made_class("acme.note")])

    assert not (folder / "draft").exists()


def test_reopened_equal(folder):
    """
    A journal that is opened again answers everything as before.
    """
    store = JournalStore(folder)
    project: Project = grow(store, facts=4)
    store.commit(commit(changed(project), opened("P-2")))
    before = dump(store)
    store.close()

    assert before == with_store(folder, dump)

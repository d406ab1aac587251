"""
Stores that sync and lock are refused on file systems of other machines.
"""

from __future__ import annotations

import os

import pytest

from salesflow.errors import InputError, StoreUnavailableError
from salesflow.stores import JournalStore, SqliteStore, _file_systems as _medium
from salesflow.stores._file_systems import check_local

from ...cases import over_cases


MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /srv/team rw,relatime shared:9 - nfs4 files:/team rw,vers=4.2
31 30 0:41 / /srv/team/local rw,relatime - xfs /dev/vdb rw
32 22 0:42 / /srv/two\040words rw,relatime - cifs //files/two rw
33 22 0:43 / /srv/twice rw,relatime - nfs files:/old rw
34 22 0:44 / /srv/twice rw,relatime - btrfs /dev/vdc rw
35 22 0:45 / /srv/home rw,nosuid master:3 propagate_from:2 - fuse.sshfs li@files: rw
""".lstrip()


@pytest.fixture
def mounts(tmp_path):
    made = tmp_path / "mountinfo"
    made.write_text(MOUNTS, "utf-8")
    return made


@over_cases(
    ("path", "kind"),
    [
        ("/srv/team", "nfs4"),
        ("/srv/team/sales/2026", "nfs4"),
        ("/srv/two words/sales", "cifs"),
        ("/srv/home/li/sales", "fuse.sshfs"),
        ("/srv/team/local/../sales", "nfs4"),
    ],
)
def test_network_file_systems(mounts, path, kind):
    """
    A path on a network file system is refused with its kind, wherever it is mounted.
    """
    with pytest.raises(InputError, match="name a local disk") as caught:
        check_local("folder of a journal", path, mounts)

    assert ("folder of a journal", path, True) == (caught.value.what, caught.value.value, kind in caught.value.hint)


@over_cases("path", ["/", "/srv", "/srv/teams", "/srv/team/local/sales", "/srv/twice/sales", "/srv/two"])
def test_local_file_systems(mounts, path):
    """
    Everything else is taken, also beside, below, and mounted over a network file system.
    """
    assert None is check_local("folder of a journal", path, mounts)


def test_through_a_symbolic_link(mounts, tmp_path):
    """
    A link does not hide where a path leads.
    """
    (tmp_path / "link").symlink_to("/srv/team")
    with pytest.raises(InputError):
        check_local("folder of a journal", tmp_path / "link" / "sales", mounts)


def test_system_that_does_not_say(tmp_path):
    """
    Where nothing tells what is mounted, nothing is refused.
    """
    assert None is check_local("folder of a journal", "/srv/team", tmp_path / "nowhere")


def test_journal_on_a_network_file_system(mounts, tmp_path, monkeypatch):
    """
    A journal is refused there before anything is made.
    """
    mounts.write_text(f"30 22 0:40 / {tmp_path}/far rw - nfs4 files:/team rw\n", "utf-8")
    monkeypatch.setattr(_medium.check_local, "__defaults__", (mounts,))
    (tmp_path / "far").mkdir()
    with pytest.raises(InputError, match="nfs4"):
        JournalStore(tmp_path / "far" / "sales")

    assert [] == list((tmp_path / "far").iterdir())


@pytest.mark.parametrize("kind", [SqliteStore, JournalStore])
def test_missing_folders_are_private(tmp_path, kind):
    """
    Folders that are missing on the way are made for the owner alone, whatever the umask says.
    """
    before = os.umask(0)
    try:
        kind(tmp_path / "deep" / "er" / "sales").close()
    finally:
        os.umask(before)

    assert [0o700, 0o700] == [(tmp_path / each).stat().st_mode & 0o777 for each in ("deep", "deep/er")]


@pytest.mark.parametrize("kind", [SqliteStore, JournalStore])
def test_folder_of_everybody(tmp_path, kind):
    """
    A store in a folder where everybody may replace it is refused; the sticky bit, as on /tmp, keeps others from that.
    """
    (folder := tmp_path / "shared").mkdir()
    folder.chmod(0o777)
    with pytest.raises(InputError, match="Everybody may write into"):
        kind(folder / "sales")
    before = list(folder.iterdir())
    folder.chmod(0o1777)
    kind(folder / "sales").close()

    assert ([], True) == (before, (folder / "sales").exists())


@pytest.mark.parametrize("kind", [SqliteStore, JournalStore])
@pytest.mark.parametrize("create", [True, False])
def test_link_that_leads_nowhere(tmp_path, kind, create):
    """
    A link to what is not there is refused, and nothing is made at its end.
    """
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="broken link"):
        kind(link, create=create)

    assert [link] == list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", [SqliteStore, JournalStore])
@pytest.mark.parametrize("name", ["", "a\0b", "file/sales", "x" * 300], ids=ascii)
def test_places_that_cannot_be(tmp_path, monkeypatch, kind, name):
    """
    A path where nothing can be is refused by an error of the library.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises((InputError, StoreUnavailableError)):
        kind(name)

    assert [tmp_path / "file"] == list(tmp_path.iterdir())

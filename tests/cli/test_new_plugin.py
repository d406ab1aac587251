"""
``salesflow new-plugin`` writes a distribution that installs, and whose tests pass.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import version
from pathlib import Path

import pytest


def test_files(run, tmp_path):
    """
    The distribution has metadata with an entry point, a module, a test and a page to read.
    """
    folder = tmp_path / "acme"
    done = run("new-plugin", "acme", "--into", folder, "--lang", "zh")
    made = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    assert (0, "") == (done.exit_code, done.stderr)
    assert f"{folder}：5 个文件。下一步：cd {folder}，pip install -e '.[test]'，pytest。\n" == done.stdout
    assert [
        "README.md",
        "pyproject.toml",
        "src/salesflow_acme/__init__.py",
        "src/salesflow_acme/py.typed",
        "tests/test_plugin.py",
    ] == made
    assert 'acme = "salesflow_acme"' in (folder / "pyproject.toml").read_text("utf-8")


@pytest.mark.parametrize("name", ["Acme", "acme.deal", "1st", ""])
def test_name(run, tmp_path, name):
    """
    A name that no plugin can have is refused, and nothing is written.
    """
    done = run("new-plugin", name, "--into", tmp_path / "acme")

    assert (2, False) == (done.exit_code, (tmp_path / "acme").exists())
    assert "name of a plugin" in done.stderr


def test_existing_folder(run, tmp_path):
    """
    A folder that is there is left alone.
    """
    done = run("new-plugin", "acme", "--into", tmp_path)

    assert (2, []) == (done.exit_code, list(tmp_path.iterdir()))
    assert "It exists already." in done.stderr


def test_default_folder(run, tmp_path, monkeypatch):
    """
    Without a folder, the distribution is made here under its own name.
    """
    monkeypatch.chdir(tmp_path)

    assert (0, True) == (run("new-plugin", "acme").exit_code, Path("salesflow-acme/README.md").exists())


@pytest.mark.slow
def test_it_works(run, tmp_path):
    """
    In a fresh environment the plugin installs, is listed, and its own tests pass.
    """
    folder, fresh = tmp_path / "acme", tmp_path / "venv"
    run("new-plugin", "acme", "--into", folder)
    venv.create(fresh, with_pip=False)
    # Everything but the plugin itself comes from this environment, so that nothing is fetched.
    inside = Path(sysconfig.get_path("purelib", vars={"base": str(fresh)}))
    outside = [line for line in sys.path if line.endswith(("site-packages", "src"))]
    (inside / "outside.pth").write_text("\n".join(outside) + "\n", "utf-8")
    python, clean = str(fresh / "bin" / "python"), {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

    def ran(*args: str) -> str:
        done = subprocess.run([python, *args], cwd=folder, env=clean, capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr
        return done.stdout

    ran("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", ".")
    listed = ran("-c", "from salesflow.cli import main; main(['plugins'])")
    tested = ran("-m", "pytest", "-p", "no:cacheprovider")

    assert "salesflow_acme" in listed
    assert " passed" in tested
    # salesflow's own plugin for pytest is there as well, and does not stand in the way.
    assert f"salesflow-{version('salesflow')}" in tested

"""
``salesflow new-plugin``: writes a working distribution to start from.
"""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import click

from .._model.values import Label, Lang, is_name
from ..errors import InputError
from ._output import lang_option


_DONE: Final = Label(
    "{folder}: {count} files. Next: cd {folder}, pip install -e '.[test]', pytest.",
    "{folder}：{count} 个文件。下一步：cd {folder}，pip install -e '.[test]'，pytest。",
)


@click.command("new-plugin", short_help="Create a plugin: a distribution with a guard, a stage rule and tests.")
@click.argument("name")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), help="The folder to create.  [default: salesflow-NAME]"
)
@lang_option
def new_plugin(name: str, into: Path | None, lang: Lang) -> None:
    """
    Create a plugin called NAME, in a folder of its own. Nothing that exists is overwritten.
    """
    if not is_name(name) or "." in name:
        raise InputError("name of a plugin", name, "Use lower-case letters, digits and '_', for example acme.")
    module = f"salesflow_{name}"
    words = {
        "prefix": name,
        "module": module,
        "distribution": module.replace("_", "-"),
        "salesflow": ".".join(version("salesflow").split(".")[:2]),
    }
    folder = into or Path(words["distribution"])
    if folder.exists():
        raise InputError("folder", str(folder), "It exists already. Choose another folder with --into.")
    texts = files("salesflow.cli") / "new_plugin"
    places = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "plugin.py": f"src/{module}/__init__.py",
        "test_plugin.py": "tests/test_plugin.py",
    }
    for source, target in places.items():
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (texts / f"{source}.txt").read_text("utf-8")
        path.write_text(Template(text).substitute(words), "utf-8")
    (folder / f"src/{module}/py.typed").touch()
    click.echo(_DONE.text(lang).format(folder=folder, count=len(places) + 1))

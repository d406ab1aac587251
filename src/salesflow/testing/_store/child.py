"""
The other side of ``spawn``: a process that loads the contract's class, makes a store, and runs one task.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from functools import reduce
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any


_MODULE = "salesflow_contract_under_test"


def main(arguments: Sequence[str]) -> None:
    """
    Run a task with a store of its own.

    Args:
        arguments: the file and the qualified name of the contract's class, the place, the
            module and the name of the task, and what the task is called with.
    """
    file, name, place, module, task, *rest = arguments
    contract: Any = reduce(getattr, name.split("."), _load(file))()
    with closing(contract.make_store(Path(place))) as store:
        getattr(import_module(module), task)(store, *rest)


def _load(file: str) -> Any:
    spec: Any = spec_from_file_location(_MODULE, file)
    module = module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    return module

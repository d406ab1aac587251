"""
The command line: ``salesflow demo | check | show | project | agenda | mutate | replay | risks | schema | score``.

Besides there are ``salesflow kpi | funnel | forecast | practices | waiting``, ``salesflow lessons | look-back``,
``salesflow templates | store | stand-up``, and for plugins ``salesflow plugins | new-plugin``.
It needs the extra ``salesflow[cli]``; without it, the command says so.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from .._model import lazy


# What a plugin needs for a command of its own; loaded when it is used, because the extra may be missing.
if TYPE_CHECKING:
    from ._output import installed as installed, lang_option as lang_option
    from ._stored import stored_pipeline as stored_pipeline
else:
    __getattr__, __dir__, __all__ = lazy.attach(
        globals(), {"_output": ("installed", "lang_option"), "_stored": ("stored_pipeline",)}, "main"
    )


_EXTRA: Final = ("click", "rich")


def _without_extra() -> NoReturn:
    """
    Say what is missing, and end.
    """
    sys.stderr.write("salesflow: the command line needs click and rich. They come with the extra salesflow[cli].\n")
    raise SystemExit(2)


def _main() -> Any:
    try:
        from ._main import main as group  # noqa: PLC0415 -- the extra may be missing
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        return _without_extra
    return group


main: Any = _main()

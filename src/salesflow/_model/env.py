"""
A secret of a plugin's settings: written as the name of an environment variable, and never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import attrs

from ..errors import InputError, say
from .frozen import noun


_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _checked(_env: Any, _attribute: Any, name: Any) -> None:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise InputError("name of an environment variable", name, say("input.env_name"))


@noun
class Env:
    """
    A secret in settings: ``{ env = "NAME" }`` in a definition, and the value for the plugin.

    The value is read from the environment when a lifecycle is built. It is in no ``repr``, comparison, copy
    of the attributes or pickle.

    Args:
        name: of the environment variable.
    """

    name: str = attrs.field(validator=_checked)
    _read: Callable[[], str] | None = attrs.field(default=None, repr=False, eq=False, kw_only=True, alias="read")

    @property
    def value(self) -> str:
        """
        The value that the variable had when the lifecycle was built.

        Raises:
            InputError: outside of the settings of a built lifecycle.
        """
        if self._read is None:
            raise InputError("Env", self.name, say("input.env_value"))
        return self._read()

    def with_value(self, value: str) -> Env:
        """
        Return it with its value.
        """
        return Env(self.name, read=lambda: value)

    def __deepcopy__(self, _memo: object) -> Env:
        return self  # frozen and shared

    def __reduce__(self) -> tuple[Any, ...]:
        return Env, (self.name,)  # whoever unpickles it has an environment of his own

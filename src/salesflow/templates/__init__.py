"""
The built-in lifecycles, as definition files inside the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._model import lazy
from ._names import BUILT_IN as BUILT_IN


if TYPE_CHECKING:
    from ._files import path_of as path_of, read as read
else:
    __getattr__, __dir__, __all__ = lazy.attach(globals(), {"_files": ("path_of", "read")}, "BUILT_IN")

"""
Every error that salesflow raises.

.. code-block:: text

    SalesflowError
    ├── DefinitionError            .report: every fault of a definition, at once
    ├── PluginError                .plugin, .hook
    ├── InputError (ValueError)    .what, .value, .hint: a value handed in is not usable
    │   ├── InputErrors            .problems: several of them in one call
    │   ├── CurrencyMismatchError  .left, .right
    │   ├── UnknownFieldError      .field, .known
    │   ├── UnknownTriggerError    .trigger, .open, .known
    │   └── BackfillError          .at, .last
    ├── DefinitionChangedError     .lifecycle, .version, .project_id
    ├── UnknownProjectError (LookupError)      .project_id
    ├── ProjectLockedError         .project_id, .stage
    ├── TransitionRefusedError     .decision
    ├── EffectError                .effect, .transition
    └── StoreError
        ├── VersionConflictError   .project_id, .expected, .actual
        ├── KeyReusedError         .project_id, .key
        ├── InvalidValueError      .path, .why: outside the value domain of stores
        ├── TooLargeError          .limit, .size, .what
        ├── StoreFullError (OSError)           nothing was written
        ├── StoreFailedError       a sync failed; close and reopen the store
        ├── StoreLockedError       .holder
        ├── StoreCorruptError      .place
        ├── SchemaMismatchError    .found, .wanted
        ├── StoreClosedError
        ├── StoreBusyError         nothing was written, try again
        ├── StoreUnavailableError  nothing was written
        ├── OutcomeUnknownError    .key: repeat with the same key
        ├── LeaseLostError         .work_id
        ├── ForkedHandleError
        └── UnsupportedError       .capability

A message names the thing, the value and the next step; the same parts are
attributes, so that nobody has to take a sentence apart.
"""

from __future__ import annotations

from ._base import (
    SalesflowError,
    did_you_mean,
    shown,
)
from ._engine import (
    DefinitionChangedError,
    DefinitionError,
    EffectError,
    PluginError,
    ProjectLockedError,
    TransitionRefusedError,
    UnknownProjectError,
)
from ._inputs import (
    BackfillError,
    CurrencyMismatchError,
    InputError,
    InputErrors,
    UnknownFieldError,
    UnknownTriggerError,
)
from ._stores import (
    ForkedHandleError,
    InvalidValueError,
    KeyReusedError,
    LeaseLostError,
    OutcomeUnknownError,
    SchemaMismatchError,
    StoreBusyError,
    StoreClosedError,
    StoreCorruptError,
    StoreError,
    StoreFailedError,
    StoreFullError,
    StoreLockedError,
    StoreUnavailableError,
    TooLargeError,
    UnsupportedError,
    VersionConflictError,
)


__all__ = [
    "BackfillError",
    "CurrencyMismatchError",
    "DefinitionChangedError",
    "DefinitionError",
    "EffectError",
    "ForkedHandleError",
    "InputError",
    "InputErrors",
    "InvalidValueError",
    "KeyReusedError",
    "LeaseLostError",
    "OutcomeUnknownError",
    "PluginError",
    "ProjectLockedError",
    "SalesflowError",
    "SchemaMismatchError",
    "StoreBusyError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreError",
    "StoreFailedError",
    "StoreFullError",
    "StoreLockedError",
    "StoreUnavailableError",
    "TooLargeError",
    "TransitionRefusedError",
    "UnknownFieldError",
    "UnknownProjectError",
    "UnknownTriggerError",
    "UnsupportedError",
    "VersionConflictError",
    "did_you_mean",
    "shown",
]

for _name in __all__:
    globals()[_name].__module__ = __name__  # tracebacks name the door, not the file behind it

"""
All sections of the contract of stores in one class.
"""

from __future__ import annotations

from .basics import Basics, Reading
from .batches import Batches
from .crash import Crash
from .definitions import Definitions
from .feed import Feed
from .keys import Keys
from .modelled import Modelled
from .orders import Orders
from .processes import Processes, Threads
from .values import Values
from .work import Later, Work


class StoreContract(
    Basics,
    Reading,
    Orders,
    Keys,
    Feed,
    Definitions,
    Work,
    Later,
    Values,
    Batches,
    Crash,
    Threads,
    Processes,
    Modelled,
):
    """
    What every store promises, as tests; the author of a store inherits from it.

    A subclass called ``Test…`` in a test module supplies

    - ``caps``: what the store can do beyond the contract; the rest is skipped by name;
    - :meth:`make_store`: open the store at a place, a folder that is empty at first;
    - :meth:`crash`, if the store is durable: drop a handle without closing it;
    - :meth:`make_reader`, if the store is durable: open what is there, and make nothing;
    - :meth:`make_tenant`, if the store has tenants: open the store of one of them;
    - :meth:`reopen` and :meth:`spawn`, where closing and opening again, or another process
      with the class loaded by its file, is not what the store needs.

    ``kills`` and ``steps`` make the checks of crashes and of the model longer.
    """

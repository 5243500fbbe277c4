"""The population of one cell, as arrays; index = local account id, persons first, then pages."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dmsim.population.texts import TextBank

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Adjacency:
    """Who is linked to whom: the sorted targets of all accounts one after another.

    ``start[i]:start[i + 1]`` bounds account *i*'s run in ``targets``.
    """

    start: Ints
    targets: NDArray[np.int32]


@dataclass(frozen=True)
class Population:
    """Accounts with their traits, the graphs between them, the brands' posts.

    ``first_account`` and ``first_post`` turn local ids into ids of the trace. Arrays of traits have
    one entry per account; ``visits_per_week`` and ``comments_per_week`` are personal rates (0 for
    pages).
    """

    cell: int
    first_account: int
    first_post: int
    persons: int
    pages: int
    age: Ints
    registered: NDArray[np.bool_]
    setting: Ints
    locale: Ints
    platform: Ints
    archetype: Ints
    names: list[str]
    visits_per_week: NDArray[np.float64]
    comments_per_week: NDArray[np.float64]
    follows: Adjacency
    contacts: Adjacency
    posts_per_page: Ints
    teams: list[str]
    team_of_page: Ints
    texts: TextBank

    @property
    def accounts(self) -> int:
        """Persons and pages together."""
        return self.persons + self.pages

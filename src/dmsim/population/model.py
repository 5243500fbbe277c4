"""The population of one cell, as arrays; index = local account id: persons, pages, the staff."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dmsim.population.texts import TextBank

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Adjacency:
    """Who is linked to whom: the sorted targets of all accounts one after another.

    ``start[i]:start[i + 1]`` bounds account *i*'s run in ``targets``.
    """

    start: Ints
    targets: NDArray[np.int32]


@dataclass(frozen=True)
class Population:
    """Accounts with their traits, the graphs between them, videos, the brands' posts.

    ``first_account`` and ``first_post`` turn local ids into ids of the trace. Arrays have one entry
    per account: persons first, then pages, then the staff, one account for the whole moderation
    team. Enumerations are held as their codes, times in µs of the trace's clock.

    Attributes:
        device: The account whose device this one uses, mostly its own (R80).
        joined: When the account was created; negative is before the first Monday.
        everyone_offered: Whether the setting "everyone" may be chosen (R60).
        until: End of the penalty; -1, as no temporary one is in force at the start.
        sticker_sets: The sets in the panel, a bit for each (R40).
        ward: The teenager whose guardian the account is, or -1 (R14).
        utc_offset: µs by which the account's clock is ahead of the trace's (Q8).
        visits_per_week: Personal rate of visits to the inbox; 0 for pages and staff.
        comments_per_week: Personal rate of comments; 0 for pages and staff.
        brand_messages_per_week: Personal rate of messages to brands; 0 for pages and staff.
        business_per_week: Rate of business messages; 0 but for pages (R56, R57).
        acquaintances: Whom the platform suggests (R4), symmetric like ``contacts``.
        video_author: Who made each video of the cell; sorted, the index is the video's local id.
        video_private: Which videos are private at the start (R29).
    """

    cell: int
    first_account: int
    first_post: int
    persons: int
    pages: int
    kind: Ints
    age: Ints
    registered: Bools
    region: Ints
    device: Ints
    joined: Ints
    setting: Ints
    everyone_offered: Bools
    read_status: Bools
    filter_requests: Bools
    allow_business: Bools
    notifications: Bools
    family_restricted: Bools
    standing: Ints
    until: Ints
    violations: Ints
    worst: Ints
    sticker_sets: Ints
    ward: Ints
    locale: Ints
    platform: Ints
    utc_offset: Ints
    archetype: Ints
    names: list[str]
    visits_per_week: Floats
    comments_per_week: Floats
    brand_messages_per_week: Floats
    business_per_week: Floats
    follows: Adjacency
    contacts: Adjacency
    acquaintances: Adjacency
    video_author: NDArray[np.int32]
    video_private: Bools
    posts_per_page: Ints
    teams: list[str]
    team_of_page: Ints
    texts: TextBank

    @property
    def accounts(self) -> int:
        """Persons, pages and the staff together."""
        return self.persons + self.pages + 1

    @property
    def staff(self) -> int:
        """The local id of the moderation team's account."""
        return self.persons + self.pages

"""The random streams of set-up: one for each cell and purpose.

So changing one part of a scenario leaves the others as they were. New purposes go to the end.
"""

import numpy as np

AGES, REGISTERED, SETTINGS, LOCALES, PLATFORMS, ARCHETYPES, RATES = range(7)
FOLLOWS, PAGES, CONTACTS, NAMES, ARRIVALS = range(7, 12)
DEVICES, JOINED, OPTIONS, READ_STATUS, FILTERS, NOTIFICATIONS, BUSINESS = range(12, 19)
REGIONS, STICKERS, GUARDIANS, RESTRICTED, VIOLATIONS, WORST = range(19, 25)
VIDEOS, PRIVACY, ACQUAINTANCES, OFFSETS, CAMPAIGNS = range(25, 30)


def stream(seed: int, cell: int, *purpose: int) -> np.random.Generator:
    """The random stream of a cell for one purpose of set-up."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(cell, *purpose)))

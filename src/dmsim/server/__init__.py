"""The reference backend: a real messaging server that asks ``dmsim.rules`` for every verdict.

It keeps its own state, in memory and durably in SQLite, and shares nothing with the engine but the
rules, so that a replay against it tests both against each other.
"""

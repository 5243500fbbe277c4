"""Adapters without Python: a TOML file says how a backend is filled, asked and understood.

The file is checked when it is read, its requests are compiled once to bytes with holes and its
rules to a few look-ups, so that a declared adapter costs about as much as a built-in one.
"""

from dmsim.adapters.declared.adapter import DeclaredAdapter
from dmsim.adapters.declared.load import declared_adapter, load_declaration

__all__ = ["DeclaredAdapter", "declared_adapter", "load_declaration"]

"""The care teams that answer comments and messages, in SimPy."""

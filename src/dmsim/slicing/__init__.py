"""A part of a trace as a trace of its own, with the state at the instant at which it begins."""

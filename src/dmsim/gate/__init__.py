"""Limits on a replay, and the exit code and files that a CI job reads."""

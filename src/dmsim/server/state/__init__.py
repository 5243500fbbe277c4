"""The world as the backend holds it in memory: pure values and transitions, no clock, no files."""

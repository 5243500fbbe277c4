"""Sending a trace to a backend at its intended times, and judging every answer."""

"""Rosters: from required people to who works when, by mixed-integer programming."""

"""People who wait for work, in SimPy: care teams, and the moderators of the platform."""

"""How many people it takes, and when: queueing formulas, offered loads, simulation, plans."""

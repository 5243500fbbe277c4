"""Who lives in a scenario: persons, pages, graph, curves, names and texts."""

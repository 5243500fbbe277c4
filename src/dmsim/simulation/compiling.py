"""Compiling the kernel before anything is simulated, so that progress tells of simulation alone."""

from dmsim.engine.engine import Engine
from dmsim.population.build import build_population, plan_cells
from dmsim.scenario import Graph, Scenario
from dmsim.vocabulary import Action


def compile_kernel(scenario: Scenario) -> None:
    """Call every entry point once for two persons: compiled at the first call, later on loaded."""
    # Without the edges of a file, which name more persons.
    told = {"persons": 2, "cells": 1, "graph": Graph()}
    few = scenario.population.model_copy(update=told)
    tiny = scenario.model_copy(update={"population": few})
    engine = Engine(tiny, build_population(tiny, plan_cells(tiny)[0]), lambda *_: None, rows=16)
    engine.advance(scenario.time.start)
    engine.act(scenario.time.start, 0, Action.OPEN_INBOX, -1)
    engine.has_open_request(0, 1)

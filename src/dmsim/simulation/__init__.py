"""Engine and care teams on one clock, cell by cell, written as a trace."""

from dmsim.simulation.simulate import SimulationResult, simulate

__all__ = ["SimulationResult", "simulate"]

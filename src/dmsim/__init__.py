"""dmsim: simulation and load testing for direct messaging."""

from importlib.metadata import version

__version__ = version("dmsim")

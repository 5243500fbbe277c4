"""Experiments: scenarios varied and compared, with replications, intervals and a store."""

"""The cheapest roster that keeps a promise: planned by a program, decided by simulation."""

"""Whether a simulated world is as its sources and its scenario say: stated, measured, judged."""

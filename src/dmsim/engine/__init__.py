"""The compiled population: state, behaviour, effects, queue, kernel."""

"""The compiled population: state, behaviour, actions, queue, kernel."""

"""What accounts do: one function per action, from facts by the rules to the effect and the answer.

Each takes the call, changes the world and notes what has to become durable. It runs without
interruption, so its facts are of one moment. The first line of its text is its summary in the
backend's OpenAPI document, with the R-numbers of what it enforces.
"""

"""The rules held to a table that was written apart from them, and explained step by step."""

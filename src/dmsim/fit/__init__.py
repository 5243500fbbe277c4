"""What a log of messages says of its people: weekly curves, sessions, answers."""

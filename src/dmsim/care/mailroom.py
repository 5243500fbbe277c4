"""What reached the pages is handed to the teams that serve them."""

from typing import Protocol

from dmsim.engine.engine import Engine, Mail


class Desk(Protocol):
    """Whoever takes letters: a care team, or the moderators."""

    def receive(self, letter: Mail) -> None:
        """Something came in."""


class Mailroom:
    """Moves mail from the population to the desks that serve it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._desk_of_page: dict[int, Desk] = {}

    def serve(self, desk: Desk, pages: list[int]) -> None:
        """Give a desk the pages it answers for."""
        for page in pages:
            self._desk_of_page[page] = desk

    def distribute(self) -> None:
        """Hand over everything that came in since the last time, in order of time."""
        for letter in self._engine.take_mail():
            self._desk_of_page[letter.page].receive(letter)

"""What reached the pages is handed to the teams that serve them."""

from dmsim.care.team import CareTeam
from dmsim.engine.engine import Engine


class Mailroom:
    """Moves mail from the population to the care teams' queues."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._team_of_page: dict[int, CareTeam] = {}

    def serve(self, team: CareTeam, pages: list[int]) -> None:
        """Give a team the pages it answers for."""
        for page in pages:
            self._team_of_page[page] = team

    def distribute(self) -> None:
        """Hand over everything that came in since the last time, in order of time."""
        for letter in self._engine.take_mail():
            self._team_of_page[letter.page].receive(letter)

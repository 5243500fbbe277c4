"""What reached the pages is handed to the teams that serve them, the rest to the moderators."""

from dmsim.care.moderation import Moderation
from dmsim.care.team import CareTeam
from dmsim.engine.engine import Engine


class Mailroom:
    """Moves mail from the population to those who answer it."""

    def __init__(
        self, engine: Engine, team_of_page: dict[int, CareTeam], moderation: Moderation
    ) -> None:
        self._engine = engine
        self._team_of_page = team_of_page
        self._moderation = moderation

    def distribute(self) -> None:
        """Hand over everything that came in since the last time, in order of time."""
        for letter in self._engine.take_mail():
            team = self._team_of_page.get(letter.page)
            if team is None:
                self._moderation.receive(letter)
            elif letter.comment is None:
                team.message_came(letter.page, letter.person)
            else:
                team.comment_came(letter.page, letter.person, letter.comment, letter.topic)

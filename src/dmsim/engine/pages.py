"""What a person does with the brands that he follows: comments on their posts, messages to them."""

from dmsim.draws import PAGE, POST, TOPIC, below, draw, moment_of
from dmsim.engine.compiled import part, rare_part
from dmsim.engine.intentions import NOTHING, Intention, intend
from dmsim.engine.messages import write
from dmsim.engine.state import State
from dmsim.vocabulary import Action, Topic, Via


@part
def _followed_page(state: State, person: int) -> int:
    """One of the pages that a person with an account follows, or -1.

    Pages have higher ids than persons, so they end a person's sorted list of follows. Drawn by the
    moment: what happened to the person before has no say in it.
    """
    account = state.accounts[person]
    if int(account["registered"]) == 0:
        return -1
    persons = int(state.control[0]["persons"])
    start = int(account["follow_start"])
    end = start + int(account["follows"])
    first = end
    while first > start and int(state.links[first - 1]) >= persons:
        first -= 1
    if first == end:
        return -1
    return int(state.links[first + below(_draw_at_moment(state, person, PAGE), end - first)])


@part
def _draw_at_moment(state: State, person: int, purpose: int) -> int:
    control = state.control[0]
    return draw(int(control["key"]), person, purpose, moment_of(int(control["now"])))


@rare_part
def comment_on_post(state: State, person: int) -> Intention:
    """A visit to the feed: comment on a post of one of the followed pages, if there is one."""
    page = _followed_page(state, person)
    if page < 0:
        return NOTHING
    posts = state.pages[page - int(state.control[0]["persons"])]
    pick = below(_draw_at_moment(state, person, POST), int(posts["posts"]))
    number = _draw_at_moment(state, person, TOPIC)
    topic = Topic.SPAM.value
    if number < int(posts["question"]):
        topic = Topic.QUESTION.value
    elif number < int(posts["complaint"]):
        topic = Topic.COMPLAINT.value
    elif number < int(posts["praise"]):
        topic = Topic.PRAISE.value
    return intend(
        Action.COMMENT.value, Via.FEED.value, page, int(posts["first_post"]) + pick, topic=topic
    )


@rare_part
def write_to_brand(state: State, person: int) -> Intention:
    """A message to one of the followed pages, if there is one (R103, R115)."""
    return write(state, person, _followed_page(state, person), Via.PROFILE.value)

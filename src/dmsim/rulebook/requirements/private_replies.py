"""R129 to R138: a page answers a comment with a private message, as it was announced."""

from dmsim.rulebook.parts import (
    arrived,
    both,
    by_visitor,
    delivered,
    done,
    first,
    in_private_conversation,
    note_seen,
    refused,
)
from dmsim.rulebook.requirements.requirement import Requirement, requirement
from dmsim.vocabulary import Action, Reason

_LINKED = "tests/server/test_comments.py::test_a_private_reply_links_the_comment"
_GRAPH_REPLY = (
    "tests/server/test_graph.py::test_a_private_reply_in_the_shape_of_2016_reaches_the_author"
)
_GRAPH_COMMENT = "tests/server/test_graph.py::test_the_page_sees_that_it_may_reply_and_that_it_did"
_PROFILE = "tests/scenario/test_model.py::test_the_profile_lies_under_the_policy"

#: R129 to R138, in order.
PRIVATE_REPLIES: tuple[Requirement, ...] = (
    requirement(
        129,
        "a page answers a comment privately, once",
        answered=delivered(Action.PRIVATE_REPLY),
        twice=refused(Reason.ALREADY_REPLIED),
    ),
    requirement(
        130,
        "pages, commenters, other visitors",
        page=delivered(Action.PRIVATE_REPLY),
        commenter=done(Action.COMMENT),
        visitor=by_visitor,
    ),
    requirement(
        131,
        "the private reply opens a conversation",
        opened=delivered(Action.PRIVATE_REPLY, first),
        goes_on=arrived(in_private_conversation),
    ),
    requirement(132, "the message links the comment", _LINKED),
    requirement(133, "the comment shows that the page answered privately", noted=note_seen),
    requirement(134, "to everybody", noted=both(note_seen, by_visitor)),
    requirement(135, "questions that are personal are answered in private"),
    requirement(136, "the private reply as Graph API v2.5 has it", _GRAPH_REPLY),
    requirement(137, "the comment as Graph API v2.5 has it", _GRAPH_COMMENT),
    requirement(138, "interfaces age: which one holds is a profile", _PROFILE),
)

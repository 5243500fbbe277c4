"""R139 to R187: how a brand takes care of those who comment, publicly first, then privately."""

from dmsim.rulebook.parts import (
    about,
    arrived,
    at_hours,
    both,
    by_commenter,
    by_visitor,
    delivered,
    done,
    in_private_conversation,
    note_seen,
    on_days,
    publicly_answered,
    refused,
    switched_on,
    within,
)
from dmsim.rulebook.requirements.requirement import Requirement, requirement
from dmsim.vocabulary import Action, Reason, Thread, Topic, Via

_DAY_MINUTES = 24 * 60

_MEASURED = "tests/report/test_care.py::test_a_case_is_judged_once_it_is_a_day_old_answered_or_not"
_IN_TIME = "tests/report/test_care.py::test_the_scenario_says_which_reply_stops_the_clock"
_IN_PRIVATE = (
    "tests/rulebook/test_workflow.py::test_personal_data_are_asked_for_in_private_messages_alone"
)
_MENTIONED = (
    "tests/engine/test_brand_effects.py"
    "::test_who_is_mentioned_learns_of_it_and_looks_at_the_comment"
)
_FORGOTTEN = (
    "tests/engine/test_brand_effects.py::test_who_was_told_comes_and_who_was_not_may_have_forgotten"
)
_SOONER = "tests/engine/test_brand_effects.py::test_who_was_told_comes_sooner"
_POLITE = "tests/rulebook/test_sources.py::test_a_public_reply_thanks_apologises_or_is_glad_to_help"
_ASKS = "tests/population/test_texts.py::test_the_private_reply_asks_the_customer_to_tell_more"
_FOLLOWED = "tests/rulebook/test_sources.py::test_brands_are_followed_in_the_ratio_of_the_sources"
_HUNDREDS = (
    "tests/rulebook/test_sources.py::test_a_house_of_cosmetics_gets_hundreds_of_comments_a_day"
)
_PERSONAL = (
    "tests/rulebook/test_sources.py::test_the_house_of_cosmetics_takes_most_time_to_be_personal"
)
_BRIEF = "tests/rulebook/test_sources.py::test_the_shop_for_glasses_is_the_quickest"

_MENTION = (
    "tests/server/test_comments.py"
    "::test_a_comment_is_shown_with_the_answers_that_mention_its_author"
)
_COMPLEX = "tests/care/test_cases.py::test_complex_cases_need_more_answers"
_TEMPLATES = (
    "tests/care/test_cases.py::test_templates_make_replies_faster_and_personalising_takes_time"
)
_EVENTS = "tests/rulebook/test_workflow.py::test_an_incident_multiplies_complaints"

_ANSWERED_AFTERWARDS = delivered(Action.PRIVATE_REPLY, publicly_answered)
_TOLD = both(done(Action.PUBLIC_REPLY), switched_on)

_REQUESTS = (
    requirement(
        139,
        "questions and complaints reach the brand",
        question=both(done(Action.COMMENT), about(Topic.QUESTION)),
        complaint=both(done(Action.COMMENT), about(Topic.COMPLAINT)),
    ),
    requirement(140, "how many people use the platform"),
    requirement(141, "how many of them ask or complain there"),
    requirement(
        142,
        "an answer is expected within 24 hours",
        _IN_TIME,
        answered=both(done(Action.PUBLIC_REPLY), within(_DAY_MINUTES, lambda c: c.at)),
    ),
    requirement(143, "public answers to comments", answered=done(Action.PUBLIC_REPLY)),
    requirement(144, "others see the public answer", seen=both(by_visitor, publicly_answered)),
    requirement(
        145,
        "no request stays unanswered",
        _MEASURED,
        question=both(done(Action.PUBLIC_REPLY), about(Topic.QUESTION)),
        complaint=both(done(Action.PUBLIC_REPLY), about(Topic.COMPLAINT)),
    ),
    requirement(146, "then it goes on in private", moved=_ANSWERED_AFTERWARDS),
    requirement(
        147,
        "the private reply comes beside the public one, never instead",
        beside=_ANSWERED_AFTERWARDS,
        instead=refused(Reason.NOT_ANSWERED_PUBLICLY),
    ),
)

_REASONS = (
    requirement(148, "complex cases take longer", _COMPLEX),
    requirement(
        149,
        "the public answer comes first",
        publicly=both(done(Action.PUBLIC_REPLY), within(7 * _DAY_MINUTES, lambda c: c.at)),
        then_privately=_ANSWERED_AFTERWARDS,
    ),
    requirement(150, "it tells of the private message", told=_TOLD),
    requirement(
        151,
        "what is not settled goes public",
        escalated=both(done(Action.COMMENT), about(Topic.ESCALATION)),
        settled=done(Action.RESOLVE),
    ),
    requirement(
        152,
        "some cases need personal data",
        asked=delivered(Action.PRIVATE_REPLY, lambda s: s.asks_personal),
    ),
    requirement(
        153,
        "these are for private messages",
        _IN_PRIVATE,
        asked=delivered(Action.PRIVATE_REPLY, switched_on, lambda s: s.asks_personal),
    ),
    requirement(154, "nobody asks for them in public", _IN_PRIVATE),
    requirement(
        155,
        "an open conversation can be taken up again",
        reached=delivered(
            Action.SPONSORED_MESSAGE, lambda s: s.facts.pair.thread == Thread.ACCEPTED
        ),
    ),
    requirement(
        156,
        "sponsored messages only to those who talked with the brand",
        talked=delivered(Action.SPONSORED_MESSAGE, lambda s: s.facts.pair.answered_minutes >= 0),
        never_talked=refused(Reason.NEVER_TALKED),
    ),
    requirement(
        157,
        "comments come around the clock, all week",
        night=both(done(Action.COMMENT), at_hours(0, 6)),
        morning=both(done(Action.COMMENT), at_hours(6, 12)),
        afternoon=both(done(Action.COMMENT), at_hours(12, 18)),
        evening=both(done(Action.COMMENT), at_hours(18, 24)),
        saturday=both(done(Action.COMMENT), on_days(5)),
        sunday=both(done(Action.COMMENT), on_days(6)),
    ),
    requirement(
        158,
        "customer support, moderation",
        support=both(done(Action.PUBLIC_REPLY), lambda s: s.via == Via.CARE_DESK),
        moderation=done(Action.MODERATE),
    ),
)

_STEPS = (
    requirement(
        159,
        "step 1: reply publicly",
        replied=done(Action.PUBLIC_REPLY),
        skipped=refused(Reason.NOT_ANSWERED_PUBLICLY),
    ),
    requirement(160, "which shows everybody that the brand cares"),
    requirement(161, "mention the customer", _MENTION),
    requirement(
        162, "who is notified by that", _MENTIONED, came=both(by_commenter, publicly_answered)
    ),
    requirement(163, "for people forget what they asked", _FORGOTTEN),
    requirement(
        164,
        "step 2: a human replies",
        publicly=both(done(Action.PUBLIC_REPLY), lambda s: s.via == Via.CARE_DESK),
        privately=delivered(Action.PRIVATE_REPLY, lambda s: s.via == Via.CARE_DESK),
    ),
    requirement(165, "with thanks or an apology", _POLITE),
    requirement(166, "in phrases such as these"),
    requirement(167, "step 3: announce the private message", announced=_TOLD),
    requirement(168, "who is told looks sooner", _SOONER),
    requirement(
        169,
        "and all readers know",
        seen=both(by_visitor, note_seen, publicly_answered),
    ),
    requirement(170, "step 4: send it", sent=delivered(Action.PRIVATE_REPLY)),
    requirement(
        171, "and ask the customer to tell more", _ASKS, answer=arrived(in_private_conversation)
    ),
    requirement(
        172,
        "at once",
        at_once=delivered(Action.PRIVATE_REPLY, within(15, lambda c: c.answered)),
    ),
    requirement(173, "as politely as in public"),
    requirement(174, "step 5: use templates", _TEMPLATES),
    requirement(175, "and make each message personal", _TEMPLATES),
    requirement(176, "events need words of their own", _EVENTS),
)

_BRANDS = (
    requirement(177, "cosmetics: hundreds of comments a day", _HUNDREDS),
    requirement(178, "a house of more than 10 brands"),
    requirement(179, "with more than 500 000 followers", _FOLLOWED),
    requirement(
        180,
        "it answers publicly, solves, tells of the message, warmly",
        _PERSONAL,
    ),
    requirement(181, "timely answers matter for purchases"),
    requirement(182, "glasses: more than 700 000 followers", _FOLLOWED),
    requirement(183, "quick, with a brief notice", _BRIEF),
    requirement(184, "the tone depends on the audience"),
    requirement(185, "a bank: more than 200 000 followers", _FOLLOWED),
    requirement(
        186,
        "support around the clock",
        night=both(done(Action.PUBLIC_REPLY), at_hours(0, 6)),
        morning=both(done(Action.PUBLIC_REPLY), at_hours(6, 12)),
        afternoon=both(done(Action.PUBLIC_REPLY), at_hours(12, 18)),
        evening=both(done(Action.PUBLIC_REPLY), at_hours(18, 24)),
    ),
    requirement(187, "handed on to another channel", handed_off=done(Action.HAND_OFF)),
)

#: R139 to R187, in order.
CARE: tuple[Requirement, ...] = (*_REQUESTS, *_REASONS, *_STEPS, *_BRANDS)

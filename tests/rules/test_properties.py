from hypothesis import given
from hypothesis import strategies as st

from dmsim.rules.facts import DeliveryFacts, Policy
from dmsim.rules.messaging import decide_message
from dmsim.rules.private_replies import decide_private_reply
from dmsim.vocabulary import Kind, Reason, Setting, Thread, Verdict
from tests.rules.tables import ANSWERED

kinds = st.sampled_from(Kind)
ages = st.integers(0, 120)
facts = st.builds(
    DeliveryFacts,
    st.booleans(),
    ages,
    kinds,
    st.sampled_from(Setting),
    st.booleans(),
    ages,
    kinds,
    st.sampled_from(Setting),
    *[st.booleans()] * 5,
    st.sampled_from(Thread),
)
policies = st.builds(Policy, st.integers(0, 30), *[st.booleans()] * 5)

#: How far a verdict lets a message through.
OPENNESS = {Verdict.REFUSED: 0, Verdict.REQUESTS: 1, Verdict.INBOX: 2}


@given(facts, policies)
def test_a_refusal_and_only_a_refusal_has_a_reason(given: DeliveryFacts, policy: Policy) -> None:
    verdict, reason = decide_message(given, policy)
    assert (verdict == Verdict.REFUSED) == (reason != Reason.NONE)


@given(facts, policies)
def test_children_the_unregistered_and_the_blocked_never_get_through(
    given: DeliveryFacts, policy: Policy
) -> None:
    shut = (
        not given.sender_registered
        or not given.recipient_registered
        or (given.sender_kind == Kind.PERSON and given.sender_age < policy.minimum_age)
        or (given.recipient_kind == Kind.PERSON and given.recipient_age < policy.minimum_age)
        or given.recipient_blocks
        or given.recipient_setting == Setting.NO_ONE
    )
    for verdict, _ in (
        decide_message(given, policy),
        decide_private_reply(given, ANSWERED, policy),
    ):
        assert not shut or verdict == Verdict.REFUSED


@given(facts, policies, st.sampled_from(Setting))
def test_a_stricter_setting_never_lets_more_through(
    given: DeliveryFacts, policy: Policy, other: Setting
) -> None:
    strict, open_ = sorted((Setting(given.recipient_setting), other))
    stricter, _ = decide_message(given._replace(recipient_setting=strict), policy)
    looser, _ = decide_message(given._replace(recipient_setting=open_), policy)
    assert OPENNESS[stricter] <= OPENNESS[looser]


@given(facts, policies)
def test_being_followed_by_the_recipient_never_hurts(given: DeliveryFacts, policy: Policy) -> None:
    without, _ = decide_message(given._replace(recipient_follows=False), policy)
    with_, _ = decide_message(given._replace(recipient_follows=True), policy)
    assert OPENNESS[without] <= OPENNESS[with_]


@given(facts, policies)
def test_a_block_never_lets_more_through(given: DeliveryFacts, policy: Policy) -> None:
    free, _ = decide_message(given._replace(sender_blocks=False, recipient_blocks=False), policy)
    for blocks in ({"sender_blocks": True}, {"recipient_blocks": True}):
        blocked, _ = decide_message(
            given._replace(**{"sender_blocks": False, "recipient_blocks": False} | blocks), policy
        )
        assert OPENNESS[blocked] <= OPENNESS[free]

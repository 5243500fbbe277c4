"""Any facts and any policy, for properties that hold for all."""

from typing import Any

from hypothesis import strategies as st

from dmsim.rulebook.values import fields_of
from dmsim.rules.facts import Circumstances, ContentFacts, Facts, PairFacts, Policy, Side
from dmsim.vocabulary import Via

_NUMBERS = {
    "age": st.integers(0, 30),
    "requested_count": st.integers(0, 6),
    "minimum_age": st.integers(0, 25),
    "family_age_from": st.integers(0, 25),
    "family_age_until": st.integers(0, 25),
    # As long as the days and hours of these policies, and a little longer.
    "comment_minutes": st.integers(0, 9 * 24 * 60),
    "answered_minutes": st.integers(-1, 9 * 60),
}


def any_of(shape: Any) -> st.SearchStrategy[Any]:
    """Any values of a named tuple."""
    fields = {
        name: st.booleans()
        if kind is bool
        else _NUMBERS.get(name, st.integers(0, 8))
        if kind is int
        else st.sampled_from(kind)
        for name, kind in fields_of(shape).items()
    }
    return st.builds(shape, **fields)


PAIRS: st.SearchStrategy[PairFacts] = any_of(PairFacts)
#: Whatever may be true.
FACTS: st.SearchStrategy[Facts] = st.builds(
    Facts,
    any_of(Side),
    any_of(Side),
    PAIRS,
    any_of(ContentFacts),
    any_of(Circumstances),
    st.sampled_from(Via),
)
POLICIES: st.SearchStrategy[Policy] = any_of(Policy)

"""What it takes to say that a requirement was met in a trace, one by one.

A requirement is *traced* where each of its parts happens in a trace, *proved* where a trace cannot
show it and a test does, *context* where there is nothing to enforce. Written from the requirements,
not from the code: a part names what was done under which facts, and how it came out.

R101 to R128 speak of the curves of a week; of them only those that brands act upon are here.
"""

from dmsim.rulebook.requirements.brands import OUTBOUND
from dmsim.rulebook.requirements.care import CARE
from dmsim.rulebook.requirements.messages import MESSAGES_AND_CONVERSATIONS
from dmsim.rulebook.requirements.private_replies import PRIVATE_REPLIES
from dmsim.rulebook.requirements.requirement import Requirement
from dmsim.rulebook.requirements.safety import SETTINGS_AND_SAFETY

__all__ = ["REQUIREMENTS", "Requirement"]

#: Every statement that is counted, in order.
REQUIREMENTS: tuple[Requirement, ...] = (
    *MESSAGES_AND_CONVERSATIONS,
    *SETTINGS_AND_SAFETY,
    *OUTBOUND,
    *PRIVATE_REPLIES,
    *CARE,
)

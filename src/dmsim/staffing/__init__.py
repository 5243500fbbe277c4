"""How many people it takes, and when: queueing formulas, offered loads, simulation, plans.

The formulas are named here. What compiles a simulator is imported from where it stands:
:func:`dmsim.staffing.methods.staff_week`, :func:`dmsim.staffing.week_plan.plan_week`,
:func:`dmsim.staffing.team_plan.plan_scenario`, :class:`dmsim.staffing.simulate.WeekSimulator`.
"""

from dmsim.staffing.desk import DeskFigures, describe_desk
from dmsim.staffing.erlang import Queue, ServiceLevels, erlang_b, erlang_c, erlang_queue
from dmsim.staffing.goal import Goal, agents_needed, to_schedule
from dmsim.staffing.offered_load import offered_load
from dmsim.staffing.plan import Desk, add_up, plan_intervals
from dmsim.staffing.sharing import rated_queue, shared_queue
from dmsim.staffing.square_root import square_root_staffing
from dmsim.staffing.volumes import read_intervals

__all__ = [
    "Desk",
    "DeskFigures",
    "Goal",
    "Queue",
    "ServiceLevels",
    "add_up",
    "agents_needed",
    "describe_desk",
    "erlang_b",
    "erlang_c",
    "erlang_queue",
    "offered_load",
    "plan_intervals",
    "rated_queue",
    "read_intervals",
    "shared_queue",
    "square_root_staffing",
    "to_schedule",
]

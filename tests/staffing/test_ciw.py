"""The formulas against a simulator of another house: Ciw's M/M/c and M/M/c+M."""

from collections.abc import Sequence
from itertools import product
from math import inf
from statistics import fmean, stdev
from typing import Any, NamedTuple

import ciw
from scipy import stats

from dmsim.staffing.erlang import erlang_queue
from tests.care.queues import holds

REPLICATIONS = 10
#: Of each replication: arrivals, those left out at the beginning, and at the end, where not all are
#: served.
CUSTOMERS, WARM_UP, COOL_DOWN = 1_150, 100, 50


class Figures(NamedTuple):
    """The shares of customers who waited and who left, and the mean wait of all."""

    waits: float
    leaves: float
    wait: float


def simulated(seed: int, rate: float, agents: int, patience: float) -> Figures:
    """One run; services last 1."""
    ciw.seed(seed)
    leaving: dict[str, Any] = {} if patience == inf else {"reneging_time_distributions": [
        ciw.dists.Exponential(1 / patience)
    ]}  # fmt: skip
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[agents],
        **leaving,
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(CUSTOMERS, method="Arrive")
    counted = range(WARM_UP, CUSTOMERS - COOL_DOWN)
    known = [record for record in simulation.get_all_records() if record.id_number in counted]
    assert len(known) == len(counted), "somebody who counts was not served by the end"
    return Figures(
        sum(record.waiting_time > 0 for record in known) / len(known),
        sum(record.record_type == "renege" for record in known) / len(known),
        sum(record.waiting_time for record in known) / len(known),
    )


#: M/M/c by agents and load of each, and M/M/c+M by agents, load of each and patience.
DESKS = [
    *((agents * load, agents, inf) for agents, load in product((1, 2, 4), (0.4, 0.55, 0.7))),
    *(
        (agents * load, agents, patience)
        for agents, (load, patience) in product((1, 2, 4), ((0.8, 2.0), (1.0, 1.0), (1.5, 0.5)))
    ),
]


def is_met(found: Sequence[Sequence[float]]) -> bool:
    """Whether figures over what is expected of them, by desk and replication, are 1 on average.

    The mean of all desks, of which replications are independent, tells what one of them is too
    short for: its interval is narrow enough to see 5 %.
    """
    means = [fmean(column) for column in zip(*found, strict=True)]
    reach = stats.t.ppf(0.995, REPLICATIONS - 1) * stdev(means) / REPLICATIONS**0.5
    assert reach < 0.05
    return abs(fmean(means) - 1) <= float(reach)


def test_ciw_finds_what_the_formulas_say_of_each_desk_and_of_all_within_five_per_cent() -> None:
    waits, leaves, wait = [], [], []
    for number, (rate, agents, patience) in enumerate(DESKS):
        desk = f"{rate} come to {agents} with patience {patience}"
        queue = erlang_queue(rate, 1.0, agents, patience)
        runs = [
            simulated(100 * number + replication, rate, agents, patience)
            for replication in range(REPLICATIONS)
        ]
        assert holds(queue.p_wait, [run.waits for run in runs]), desk
        assert holds(queue.asa_s, [run.wait for run in runs]), desk
        waits.append([run.waits / queue.p_wait for run in runs])
        wait.append([run.wait / queue.asa_s for run in runs])
        if patience == inf:
            assert all(run.leaves == queue.p_abandon == 0 for run in runs), desk
        else:
            assert holds(queue.p_abandon, [run.leaves for run in runs]), desk
            leaves.append([run.leaves / queue.p_abandon for run in runs])
    assert is_met(waits)
    assert is_met(leaves)
    assert is_met(wait)

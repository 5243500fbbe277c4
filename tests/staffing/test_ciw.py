"""The formulas against a simulator of another house: Ciw's M/M/c and M/M/c+M."""

import ciw
import pytest

from dmsim.staffing.erlang import erlang_queue
from tests.care.queues import holds

REPLICATIONS = 12
CUSTOMERS, WARM_UP = 1_500, 200


def simulated(
    seed: int, rate: float, agents: int, patience: float | None
) -> tuple[float, float, float]:
    """The shares of customers who waited and who left, and their mean wait; services last 1."""
    ciw.seed(seed)
    leaving = {} if patience is None else {"reneging_time_distributions": [
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
    told = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    # Who is unfinished at the end has no record: what came just before is left out for all.
    known = told[WARM_UP : -5 * agents]
    number = len(known)
    return (
        sum(record.waiting_time > 0 for record in known) / number,
        sum(record.record_type == "renege" for record in known) / number,
        sum(record.waiting_time for record in known) / number,
    )


@pytest.mark.parametrize(
    ("rate", "agents", "patience"),
    [(1.5, 2, None), (8.0, 10, None), (3.0, 2, 0.5), (8.0, 8, 2.0), (9.0, 8, 5.0)],
)
def test_ciw_finds_what_the_formulas_say(rate: float, agents: int, patience: float | None) -> None:
    runs = [simulated(seed, rate, agents, patience) for seed in range(REPLICATIONS)]
    waits, leaves, wait = (list(column) for column in zip(*runs, strict=True))
    queue = (
        erlang_queue(rate, 1.0, agents)
        if patience is None
        else erlang_queue(rate, 1.0, agents, patience)
    )
    assert holds(queue.p_wait, waits)
    assert holds(queue.asa_s, wait)
    if patience is None:
        assert leaves == [0.0] * REPLICATIONS
    else:
        assert holds(queue.p_abandon, leaves)

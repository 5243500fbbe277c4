"""How fast a desk is simulated, and what staffing by the rate costs where handling takes long.

    python benchmarks/bench_staffing.py [PAGE.html]

First M/M/10 at 90 % load in this machine's one run: the compiled desk, plain SimPy and Ciw, in
customers per second of process time. Then the weekly curve of direct messages with handling of 5,
60 and 180 minutes: agents for a delay probability of 20 %, by the rate of each hour (PSA) and by
the modified offered load (MOL), exactly and by the square-root rule, and the delay probability by
the hour that a simulation finds with each. PAGE shows it. The last line is one JSON object.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ciw
import numpy as np
import polars as pl
import simpy

from dmsim.paths import write_whole
from dmsim.population.curves import load_curve
from dmsim.report.page import page
from dmsim.report.parts import legend, section, wide_and_narrow
from dmsim.staffing.charts import week_lines
from dmsim.staffing.erlang import erlang_queue
from dmsim.staffing.goal import Goal
from dmsim.staffing.kernel import DELAYED, OFFERED
from dmsim.staffing.methods import by_offered_load, by_rate, by_square_root
from dmsim.staffing.plan import Desk
from dmsim.staffing.simulate import WeekSimulator

AGENTS, LOAD = 10, 9.0
DELAY = 0.2
HOUR_S = 3600.0
#: Minutes of handling, and contacts in a mean hour, which keep forty agents busy on average.
HANDLING = {5: 480.0, 60: 40.0, 180: 40 / 3}


def compiled_desk() -> tuple[int, int]:
    """Customers, and how many of them waited, of weeks at a constant rate; drawing included."""
    week = WeekSimulator(np.full(168, LOAD * 60), HOUR_S, Desk(60.0), replications=20)
    counts = week.run(np.full(168, AGENTS), 0.0)
    # The day before and the day after the week are simulated too.
    simulated = counts[:, :, OFFERED].sum() * 9 / 7
    return round(float(simulated)), round(float(counts[:, :, DELAYED].sum()) * 9 / 7)


def plain_simpy(customers: int = 40_000) -> tuple[int, int]:
    """The same desk as a process for each customer."""
    env, waited = simpy.Environment(), 0
    desk = simpy.Resource(env, AGENTS)
    rng = random.Random(1)

    def live() -> Iterator[simpy.Event]:
        nonlocal waited
        came = env.now
        with desk.request() as turn:
            yield turn
            waited += env.now > came
            yield env.timeout(rng.expovariate(1.0))

    def arrive() -> Iterator[simpy.Event]:
        for _ in range(customers):
            yield env.timeout(rng.expovariate(LOAD))
            env.process(live())  # type: ignore[arg-type]

    env.process(arrive())  # type: ignore[arg-type]
    env.run()
    return customers, waited


def ciw_desk(customers: int = 20_000) -> tuple[int, int]:
    """The same desk as a network of one node."""
    ciw.seed(1)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(LOAD)],
        service_distributions=[ciw.dists.Exponential(1.0)],
        number_of_servers=[AGENTS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(customers)
    records = simulation.get_all_records()
    return len(records), sum(record.waiting_time > 0 for record in records)


def speeds() -> dict[str, float]:
    """Customers per second of process time of each; all have to wait as often as Erlang C says."""
    compiled_desk()  # Compiling is no part of it.
    told: dict[str, Callable[[], tuple[int, int]]] = {
        "compiled": compiled_desk, "simpy": plain_simpy, "ciw": ciw_desk,
    }  # fmt: skip
    expected = erlang_queue(LOAD, 1.0, AGENTS).p_wait
    found = {}
    for name, run in told.items():
        began = time.process_time()
        customers, waited = run()
        found[f"{name}_customers_per_s"] = customers / (time.process_time() - began)
        print(
            f"{name:9} {customers:>10,} customers {found[f'{name}_customers_per_s']:>12,.0f}/s, "
            f"{waited / customers:.3f} wait (Erlang C {expected:.3f})"
        )
    return found


def delays(minutes: int, hourly: float) -> dict[str, pl.DataFrame]:
    """What waiting is like by the hour with the staff of each method."""
    contacts = load_curve("messages") * hourly
    desk, goal = Desk(60.0 * minutes), Goal(1 - DELAY, 0.0)
    week = WeekSimulator(contacts, HOUR_S, desk, replications=200)
    staff = {
        "PSA": by_rate(contacts, HOUR_S, desk, goal),
        "MOL": by_offered_load(contacts, HOUR_S, desk, goal),
        "root": by_square_root(contacts, HOUR_S, desk, goal),
    }
    # Where hardly anything comes one agent decides, and whole numbers say more than the method.
    busy = contacts > contacts.mean() / 4
    return {
        name: week.describe(agents, 0.0).with_columns(busy=pl.Series(busy))
        for name, agents in staff.items()
    }


def chart(minutes: int, found: dict[str, pl.DataFrame]) -> str:
    """The delay probability over the week with the staff of each method."""
    lines = {
        name: frame["p_wait"].fill_null(float("nan")).to_list() for name, frame in found.items()
    }

    def draw(pixels: int, _ticks: int) -> str:
        title = f"Delay probability, {minutes} minutes of handling"
        return week_lines(pixels, lines, "delay probability", title, top=1.0)

    note = f"Staffed for {DELAY}; simulated, 200 weeks."
    name = f"{minutes} minutes of handling"
    return section(name, note, legend(list(lines)) + wide_and_narrow(draw))


def main() -> None:
    figures: dict[str, Any] = {name: round(value) for name, value in speeds().items()}
    charts = []
    for minutes, hourly in HANDLING.items():
        found = delays(minutes, hourly)
        charts.append(chart(minutes, found))
        for name, frame in found.items():
            hours = frame.filter("busy")["p_wait"]
            least, most = float(hours.quantile(0.05) or 0), float(hours.quantile(0.95) or 0)
            print(
                f"{minutes:>4} min {name:4}: delay {least:.2f} to {most:.2f} (staffed for {DELAY})"
            )
            figures[f"delay_{minutes}min_{name.lower()}"] = [round(least, 3), round(most, 3)]
    if len(sys.argv) > 1:
        write_whole(
            Path(sys.argv[1]), page("Staffing by rate and by load", "".join(charts)).encode()
        )
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

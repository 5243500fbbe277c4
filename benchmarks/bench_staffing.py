"""How fast a desk is simulated, and what staffing by the rate costs where handling takes long.

    python benchmarks/bench_staffing.py [PAGE.html]

First M/M/10 at 90 % load in this machine's one run: the compiled desk, plain SimPy and Ciw, in
customers per second of process time. Then the weekly curve of direct messages with handling of 5,
60 and 180 minutes: agents for a delay probability of 20 %, by the rate of each hour (PSA) and by
the modified offered load (MOL), exactly and by the square-root rule, and the delay probability by
the hour that a simulation finds with each. PAGE shows it. The last line is one JSON object.

What is counted: the contacts that wait of those who come in an hour, from the 5th to the 95th
percentile of the hours with at least a quarter of the traffic of a mean hour; where hardly anything
comes one agent decides, and whole numbers say more than the method. The desks have 40 contacts in
hand on average, and one has 10: the lag that PSA does not see grows with the load, the safety
that covers for it with its root, so that PSA is the further off the larger the desk and the more of
its ramps are counted. Of hours with at least mean traffic alone it is off by less.
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
#: Minutes of handling, and contacts in hand on average.
DESKS = ((5, 40), (60, 40), (180, 40), (60, 10))
#: Of these a picture is drawn.
PICTURED = 40
WEEKS = 200


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


def delays(minutes: int, in_hand: int) -> dict[str, pl.DataFrame]:
    """What waiting is like by the hour with the staff of each method."""
    contacts = load_curve("messages") * in_hand * 60 / minutes
    desk, goal = Desk(60.0 * minutes), Goal(1 - DELAY, 0.0)
    week = WeekSimulator(contacts, HOUR_S, desk, replications=WEEKS)
    staff = {
        "MOL": by_offered_load(contacts, HOUR_S, desk, goal),
        "PSA": by_rate(contacts, HOUR_S, desk, goal),
        "root": by_square_root(contacts, HOUR_S, desk, goal),
    }
    busy = contacts > contacts.mean() / 4
    return {
        name: week.describe(agents, 0.0).with_columns(busy=pl.Series(busy))
        for name, agents in staff.items()
    }


def spread(frame: pl.DataFrame) -> tuple[float, float]:
    """From the 5th to the 95th percentile of the busy hours: the share who wait."""
    hours = frame.filter("busy")["p_wait"]
    return float(hours.quantile(0.05) or 0), float(hours.quantile(0.95) or 0)


def chart(minutes: int, found: dict[str, pl.DataFrame]) -> str:
    """The delay probability over the week with the staff of both methods."""
    lines = {
        told: found[name]["p_wait"].fill_null(float("nan")).to_list()
        for name, told in {"MOL": "by the load in hand (MOL)", "PSA": "by the rate (PSA)"}.items()
    }

    def draw(pixels: int, _ticks: int) -> str:
        title = f"Share who wait, {minutes} minutes of handling"
        return week_lines(pixels, lines, "share who wait", title, top=1.0, aim=DELAY)

    load, rate = (
        f"{100 * least:.0f} to {100 * most:.0f} %"
        for least, most in (spread(found["MOL"]), spread(found["PSA"]))
    )
    note = f"Staffed by the load in hand {load} wait, by the rate of the hour {rate}."
    name = f"Handling takes {minutes} minutes"
    return section(name, note, legend(list(lines)) + wide_and_narrow(draw))


def picture(charts: list[str]) -> str:
    """The page."""
    header = (
        '<header><p class="over">A week of direct messages, 40 in hand on average</p>'
        f"<h1>Staffed so that {100 * DELAY:.0f} % wait. Who does, hour by hour?</h1>"
        f"<p>Simulated, {WEEKS} weeks each. Ranges are of nine in ten of the hours with at least a "
        "quarter of mean traffic.</p></header>"
    )
    return page("Staffing by rate and by load", header + "".join(charts))


def main() -> None:
    figures: dict[str, Any] = {name: round(value) for name, value in speeds().items()}
    charts = []
    for minutes, in_hand in DESKS:
        found = delays(minutes, in_hand)
        if in_hand == PICTURED:
            charts.append(chart(minutes, found))
        for name, frame in found.items():
            least, most = spread(frame)
            desk = f"{minutes:>4} min, {in_hand} in hand, {name:4}"
            print(f"{desk}: delay {least:.2f} to {most:.2f} (staffed for {DELAY})")
            key = f"delay_{minutes}min_{in_hand}_{name.lower()}"
            figures[key] = [round(least, 3), round(most, 3)]
    if len(sys.argv) > 1:
        write_whole(Path(sys.argv[1]), picture(charts).encode())
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

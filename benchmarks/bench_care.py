"""Cases per second of process time: care teams alone, straight from a weekly curve.

    python benchmarks/bench_care.py

One team, a week of 100 000 comments; then messages that one answer settles. The last line is one
JSON object.
"""

import json
import resource
import time

from dmsim.care.alone import run_alone
from dmsim.report.care import Reading, care_measures
from dmsim.scenario import Scenario, load_scenario

WEEK = ["time.start=mon 00:00", "time.warm_up=0s", "time.record=7d"]
COMMENTS = ["care.volumes.beauty.comments_per_week=100000", "care.teams.beauty.agents=110"]
MESSAGES = [
    "care.volumes.beauty.messages_per_week=100000",
    "care.teams.beauty.agents=40",
    "care.teams.beauty.turns=1",
    "care.cases.complex_questions=0",
    "care.customers.escalates=0",
]


def cases_per_second(scenario: Scenario) -> tuple[int, float, float]:
    """Cases, cases per second of simulating them, and seconds to measure them."""
    began = time.process_time()
    cases, staff = run_alone(scenario, teams=["beauty"])
    simulated = time.process_time()
    window = scenario.time.from_us, scenario.time.until_us
    care_measures(
        cases,
        staff,
        {0: "beauty"},
        Reading(scenario.care.answered_by, scenario.care.answered_within),
        window,
    )
    return cases.height, cases.height / (simulated - began), time.process_time() - simulated


def main() -> None:
    figures = {}
    for name, changes in (("comments", COMMENTS), ("messages", MESSAGES)):
        cases, rate, measuring = cases_per_second(load_scenario("quickstart", None, WEEK + changes))
        figures[f"{name}_cases_per_s"] = round(rate)
        print(f"{name:10} {cases:>8,} cases {rate:>8,.0f}/s, measured in {measuring:.2f} s")
    figures["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

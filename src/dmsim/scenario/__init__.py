"""What a run is told: the model, its TOML file, precise errors, a JSON schema."""

from dmsim.scenario.ages import Ages
from dmsim.scenario.behaviour import (
    PER_STEP,
    Addressees,
    Archetype,
    Behaviour,
    Content,
    Severities,
)
from dmsim.scenario.campaigns import Campaign
from dmsim.scenario.care import Care, Cases, Customers, RosterShift, ServiceTime, Team, Topics
from dmsim.scenario.curve_file import read_curve
from dmsim.scenario.curves import Curves, curve_names, seed_curve
from dmsim.scenario.graph import Graph
from dmsim.scenario.load import change_scenario, find_scenario, load_scenario, scenario_names
from dmsim.scenario.model import (
    Brand,
    Gate,
    Limit,
    Replay,
    Scenario,
    Time,
    scenario_schema,
)
from dmsim.scenario.moderation import Moderation, Shift
from dmsim.scenario.persons import Population, Settings, SettingShares
from dmsim.scenario.policy import default_policy
from dmsim.scenario.shocks import Activity, Shock
from dmsim.scenario.totals import Totals

__all__ = [
    "PER_STEP",
    "Activity",
    "Addressees",
    "Ages",
    "Archetype",
    "Behaviour",
    "Brand",
    "Campaign",
    "Care",
    "Cases",
    "Content",
    "Curves",
    "Customers",
    "Gate",
    "Graph",
    "Limit",
    "Moderation",
    "Population",
    "Replay",
    "RosterShift",
    "Scenario",
    "ServiceTime",
    "SettingShares",
    "Settings",
    "Severities",
    "Shift",
    "Shock",
    "Team",
    "Time",
    "Topics",
    "Totals",
    "change_scenario",
    "curve_names",
    "default_policy",
    "find_scenario",
    "load_scenario",
    "read_curve",
    "scenario_names",
    "scenario_schema",
    "seed_curve",
]

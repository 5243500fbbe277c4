"""What a run is told: the model, its TOML file, precise errors, a JSON schema."""

from dmsim.scenario.load import find_scenario, load_scenario, scenario_names
from dmsim.scenario.model import (
    Brand,
    Care,
    Gate,
    Limit,
    Replay,
    Scenario,
    Team,
    Time,
    scenario_schema,
)
from dmsim.scenario.persons import (
    Addressees,
    Ages,
    Archetype,
    Behaviour,
    Graph,
    Population,
    Settings,
    SettingShares,
)
from dmsim.scenario.policy import default_policy

__all__ = [
    "Addressees",
    "Ages",
    "Archetype",
    "Behaviour",
    "Brand",
    "Care",
    "Gate",
    "Graph",
    "Limit",
    "Population",
    "Replay",
    "Scenario",
    "SettingShares",
    "Settings",
    "Team",
    "Time",
    "default_policy",
    "find_scenario",
    "load_scenario",
    "scenario_names",
    "scenario_schema",
]

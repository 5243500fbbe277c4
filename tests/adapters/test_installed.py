"""Adapters that other packages bring along are found by their entry points."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import dmsim.adapters
from dmsim.adapters import Adapter, adapter_named
from dmsim.adapters.reference import ReferenceAdapter
from dmsim.cli.main import main
from dmsim.errors import UsageError
from tests.plugin.install import install as install_package

Install = Callable[..., None]

#: What the module of an installed package says, and of which the tests leave something out.
SOUND = """
from dmsim.adapters import SimpleAdapter
from dmsim.adapters.reference import ReferenceAdapter

class Borrowed(ReferenceAdapter):
    name = "borrowed"

class Mute(SimpleAdapter):
    name = "mute"
    client = "wire"
    health = ""
    def promises(self, verdict, reason): ...
    def supports(self, action): ...
    def takes_time(self, health): ...
    provisioning = None
    def encoder(self, *args, **kwargs): ...
    def __init__(self, token): ...

class Strange(Borrowed):
    client = "pigeon"

class Unconnected(Borrowed):
    client = "own"

def unmade(token):
    raise KeyError("MYSERVICE_URL")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package of one module with entry points, as an installer would leave it."""

    def put(package: str, module: str = SOUND, **points: str) -> None:
        named = {name: f"{package}:{value}" for name, value in points.items()}
        install_package(tmp_path / package, package, module, named, monkeypatch)
        monkeypatch.delitem(sys.modules, package, raising=False)

    return put


def listed(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    assert main(["adapter", "list", "--json"]) == 0
    found: list[dict[str, str]] = json.loads(capsys.readouterr().out)["adapters"]
    return found


def test_an_installed_adapter_is_found_by_the_name_it_registered(install: Install) -> None:
    install("otherservice", borrowed="Borrowed")
    adapter: Adapter = adapter_named("borrowed", "secret")
    assert adapter.name == "borrowed"


def test_a_built_in_adapter_keeps_its_name(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("otherservice", reference="Borrowed")
    assert type(adapter_named("reference", "secret")) is ReferenceAdapter
    (taken,) = [one for one in listed(capsys) if one["kind"] == "installed"]
    assert "reference is built in" in taken["fault"]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("Absent", "cannot be imported (AttributeError"),
        ("unmade", "cannot be made (KeyError: 'MYSERVICE_URL')"),
        ("Mute", "it lacks decode; its provisioning is no method"),
        ("Strange", "its client is 'pigeon', not one of wire, session, own"),
        ("Unconnected", "it lacks connection"),
    ],
)
def test_what_is_wrong_with_an_installed_adapter_is_told_in_one_line(
    install: Install, value: str, complaint: str
) -> None:
    install("otherservice", mine=value)
    with pytest.raises(UsageError) as raised:
        adapter_named("mine", "secret")
    told = str(raised.value)
    assert told.startswith(f"--adapter mine: otherservice 1.2 (otherservice:{value}) ")
    assert complaint in told


def test_a_package_that_does_not_import_says_so(install: Install) -> None:
    install("otherservice", "import no_such_module", mine="Mine")
    with pytest.raises(UsageError, match="ModuleNotFoundError: No module named 'no_such_module'"):
        adapter_named("mine", "secret")


def test_a_name_that_two_packages_bring_is_neither_ones(install: Install) -> None:
    install("otherservice", mine="Borrowed")
    install("thirdservice", mine="Borrowed")
    with pytest.raises(UsageError, match=r"otherservice 1\.2 .* and thirdservice 1\.2"):
        adapter_named("mine", "secret")


def test_nobody_is_imported_who_was_not_asked_for(install: Install) -> None:
    install("otherservice", mine="Borrowed")
    with pytest.raises(UsageError, match="known are: graph, matrix, mine, reference"):
        adapter_named("yours", "secret")
    assert "otherservice" not in sys.modules


def test_the_list_tells_every_adapter_and_where_it_comes_from(
    install: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    install("otherservice", mine="Borrowed", broken="Mute")
    found = {(one["kind"], one["name"]): one for one in listed(capsys)}
    assert found["built-in", "graph"]["origin"] == "dmsim.adapters.graph:GraphAdapter"
    assert found["file", "reference"]["origin"].endswith("reference.toml")
    assert ("file", "template") not in found
    mine = found["installed", "mine"]
    assert (mine["origin"], mine["fault"]) == ("otherservice 1.2 (otherservice:Borrowed)", "")
    assert "it lacks decode" in found["installed", "broken"]["fault"]
    assert main(["adapter", "list"]) == 0
    assert "broken     installed  otherservice 1.2" in capsys.readouterr().out


def test_the_names_that_adapters_are_written_with_are_kept() -> None:
    assert dmsim.adapters.__all__ == [
        "NO_PAGES", "OWN", "SESSION", "WIRE", "ActionRow", "Adapter", "Answer",
        "ConnectingAdapter", "Encoder", "Endpoint", "Headers", "LabelledText", "OneRequestEach",
        "Outcome", "OwnConnection", "Pages", "ProbingEncoder", "ProvisionRequest", "SimpleAdapter",
        "Trouble", "WireError", "adapter_named",
    ]  # fmt: skip
    assert all(hasattr(dmsim.adapters, name) for name in dmsim.adapters.__all__)

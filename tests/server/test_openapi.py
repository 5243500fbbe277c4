"""The document of the interface says what the backend does."""

import json
import re
from typing import Any

import pytest

from dmsim.server.events import PATH as EVENTS
from dmsim.server.routes import ADMIN_ROUTES, ROUTES, find
from dmsim.vocabulary import Action, Via, names
from tests.server.inprocess import InProcess

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Json:
    opened = InProcess(tmp_path_factory.mktemp("document") / "backend.db")
    status, content = opened.ask("GET", "/openapi.json")
    opened.close()
    assert status == 200
    return dict(json.loads(content))


def operations(document: Json) -> list[tuple[str, str, Json]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        here = {value["$ref"]} if "$ref" in value else set()
        return here.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_every_action_is_an_operation(document: Json) -> None:
    ids = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    assert set(names(Action)) <= set(ids)
    assert document["openapi"] == "3.1.0"
    assert {"title", "version"} <= set(document["info"])


def test_every_operation_tells_what_it_does_and_answers(document: Json) -> None:
    for path, method, operation in operations(document):
        assert operation["summary"], (path, method)
        assert "\n" not in operation["summary"]
        assert operation["responses"]
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[2-5]\d\d", status)
            assert response["description"]
            (kind,) = response["content"]
            assert (kind == "text/event-stream") == (path == EVENTS and status == "200")
            assert "schema" in response["content"][kind]


def test_actions_name_the_statements_that_they_enforce(document: Json) -> None:
    for route in ROUTES:
        if route.action is None:  # a look that no rule speaks of
            continue
        operation = document["paths"][route.path][route.method.lower()]
        numbers = [int(number.removeprefix("R")) for number in operation["x-requirements"]]
        assert numbers == sorted(set(numbers))
        assert all(1 <= number <= 187 for number in numbers)


def test_parameters_of_paths_are_declared(document: Json) -> None:
    for path, _, operation in operations(document):
        declared = {
            parameter["name"]
            for parameter in operation.get("parameters", [])
            if parameter["in"] == "path"
        }
        assert declared == set(re.findall(r"{(\w+)}", path))
        for parameter in operation.get("parameters", []):
            assert parameter["in"] != "path" or parameter["required"]
            assert "type" in parameter["schema"]


def test_every_reference_leads_somewhere(document: Json) -> None:
    found = references(document)
    prefix = "#/components/schemas/"
    assert {name.removeprefix(prefix) for name in found} == set(document["components"]["schemas"])


def test_security_names_a_scheme(document: Json) -> None:
    schemes = set(document["components"]["securitySchemes"])
    for _, _, operation in operations(document):
        assert {name for choice in operation["security"] for name in choice} <= schemes


def test_bodies_tell_the_words_that_they_take(document: Json) -> None:
    message = document["components"]["schemas"]["NewMessage"]
    assert message["required"] == ["text"]
    assert sorted(message["properties"]["via"]["enum"]) == sorted(names(Via))
    share = document["components"]["schemas"]["NewShare"]["properties"]["content"]
    assert set(share["enum"]) == {"video", "effect", "hashtag", "sound"}


def test_every_documented_path_is_served(document: Json) -> None:
    for route in ROUTES:
        found = find(re.sub(r"{\w+}", "5", route.path))
        assert found is not None
        assert route.method in found[0]
        assert found[1] == ("5" if "{" in route.path else "0")
    served = {route.path for route in (*ROUTES, *ADMIN_ROUTES)}
    served |= {"/health", "/openapi.json", EVENTS}
    assert set(document["paths"]) == served

"""The OpenAPI document: what the framework says, the hot routes, problems by name, realtime.

Problems are schemas of their own (`SoldOutProblem`). What travels over a room's stream stands under
`webhooks`: a frame to a viewer, and the numbered events that a frame carries.
"""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from pydantic import TypeAdapter

from tiantou.core.http import problems
from tiantou.core.problems import InvalidFields
from tiantou.gateway import frames
from tiantou.live.room_events import AnyEvent

REF = "#/components/schemas/"
PROBLEM_JSON = "application/problem+json"
SNAPSHOT_STATE = {
    "type": "object",
    "description": "RoomOut, but for what is one viewer's own, its chat, and where the picture is",
}
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def operation_id(module: str, name: str) -> str:
    """The name of a route's operation: `live_rooms_say` of `tiantou.live.rooms_http`, `say`."""
    places = [part.removesuffix("http").strip("_") for part in module.split(".")[1:]]
    return "_".join([*(place for place in places if place), name.strip("_")])


def complete(made: dict[str, Any], *hot: dict[str, Any]) -> dict[str, Any]:
    """The whole document, of the framework's and what plain routes say of themselves."""
    document: dict[str, Any] = json.loads(json.dumps(made))
    schemas = document["components"]["schemas"]
    for more in hot:
        document["paths"] |= more["paths"]
        _add(schemas, more["components"]["schemas"])
    for operation in operations(document):
        _name_problems(operation, schemas)
    for name in FRAMEWORKS_OWN:
        schemas.pop(name, None)
    document["webhooks"] = _realtime(schemas)
    return document


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a document."""
    for methods in document["paths"].values():
        yield from methods.values()


def _add(schemas: dict[str, Any], more: dict[str, Any]) -> None:
    """Raises ValueError if two shapes have one name."""
    for name, schema in more.items():
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas are called {name}")


def _name_problems(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    responses = operation["responses"]
    if "application/json" in responses.get("422", {}).get("content", {}):
        # said by the framework of every route with a parameter
        responses["422"] = json.loads(json.dumps(problems(InvalidFields)))["422"]
    for answer in responses.values():
        said = answer.get("content", {}).get(PROBLEM_JSON)
        if said is not None:
            named = {f"{one['title']}Problem": one for one in said["schema"]["oneOf"]}
            _add(schemas, named)
            said["schema"] = {"oneOf": [{"$ref": REF + name} for name in named]}


def _realtime(schemas: dict[str, Any]) -> dict[str, Any]:
    """The webhooks of a room; their schemas are added."""
    (frame, bye), made = msgspec.json.schema_components(
        [frames.Frame, frames.Bye], ref_template=REF + "{name}"
    )
    events = TypeAdapter(AnyEvent).json_schema(ref_template=REF + "{model}", mode="serialization")
    for name, schema in events.pop("$defs").items():
        schemas.setdefault(name, schema)
    shapes = json.loads(json.dumps(made))
    event = {"$ref": REF + "RoomEvent"}
    shapes["Frame"]["properties"]["ev"]["items"] = event
    shapes["Snapshot"]["properties"]["ev"]["items"] = event
    shapes["Snapshot"]["properties"]["state"] = SNAPSHOT_STATE
    shapes["Snapshot"]["properties"]["chat"]["items"] = {"$ref": REF + "FrameLine"}
    shapes["FrameLine"] = shapes.pop("ChatLine")
    shapes["Frame"]["properties"]["c"]["items"] = {"$ref": REF + "FrameLine"}
    _add(schemas, shapes | {"RoomEvent": events})
    return {
        "frame": _told("frame", "A message of a room's stream", frame),
        "bye": _told("bye", "The last event of a stream by SSE", bye),
        "event": _told("event", "A numbered event, as `ev` of a frame carries it", event),
    }


def _told(name: str, summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {
        "post": {
            "tags": ["realtime"],
            "operationId": f"realtime_{name}",
            "summary": summary,
            "requestBody": body,
            "responses": {"default": {"description": "Nothing is answered"}},
        }
    }

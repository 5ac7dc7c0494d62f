"""The OpenAPI document says what routes do, under names that stay; what is made of it is fresh."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from pydantic import TypeAdapter

from tiantou.app import make_api
from tiantou.gateway.frames import Bye, Frame
from tiantou.live.room_events import AnyEvent, HideEvent, StateEvent
from tiantou.openapi import PROBLEM_JSON, operations
from tools import lifecycle_docs, openapi

DOCUMENT = make_api().openapi()
SCHEMAS = DOCUMENT["components"]["schemas"]


def test_the_types_of_the_web_are_fresh() -> None:
    assert openapi.fresh(), "run `make generate`"


def test_an_edited_or_outdated_file_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said, planted = openapi.TYPES.read_text(), tmp_path / "schema.d.ts"
    monkeypatch.setattr(openapi, "TYPES", planted)
    assert not openapi.fresh()
    planted.write_text(said)
    assert openapi.fresh()
    planted.write_text(said + "export type More = string;\n")
    assert not openapi.fresh()
    planted.write_text(said)
    monkeypatch.setattr(openapi, "document", lambda: "{}")
    assert not openapi.fresh()


def test_the_page_of_lifecycles_is_fresh() -> None:
    assert lifecycle_docs.PAGE.read_text() == lifecycle_docs.page(), "run `make generate`"


def test_each_operation_has_a_name_of_its_own_that_no_path_is_in() -> None:
    names = [one["operationId"] for one in operations(DOCUMENT)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) and "api" not in name for name in names)


def test_each_schema_has_a_name_of_its_own() -> None:
    bad = [name for name in SCHEMAS if "__" in name or not name[0].isupper()]
    assert not bad, f"two models have one name: rename one of {bad}"


def test_every_reference_leads_somewhere() -> None:
    found = set(re.findall(r"#/components/schemas/([^\"]+)", json.dumps(DOCUMENT)))
    assert found <= set(SCHEMAS)


def test_every_refusal_is_a_problem() -> None:
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert set(answer["content"]) == {PROBLEM_JSON}, operation["operationId"]


def test_realtime_is_in_the_document() -> None:
    assert set(DOCUMENT["webhooks"]) == {"frame", "bye", "event"}
    kinds = set(SCHEMAS["RoomEvent"]["discriminator"]["mapping"])
    assert kinds == {
        *("pin", "item", "price", "deal", "deal_end", "sold_out", "restock", "question"),
        *("answered", "state", "end", "mute", "ban", "unban", "hide", "lot"),
    }
    assert set(SCHEMAS["Frame"]["properties"]) == set(Frame.__struct_fields__)
    assert set(SCHEMAS["Bye"]["properties"]) == set(Bye.__struct_fields__)
    for name in SCHEMAS["RoomEvent"]["discriminator"]["mapping"].values():
        assert "t" in SCHEMAS[name.rsplit("/", 1)[-1]]["required"]


def test_an_event_travels_as_it_is_described() -> None:
    events = TypeAdapter[object](AnyEvent)
    for event in (HideEvent(no=3), StateEvent(state="live")):
        sent = msgspec.json.encode(event.model_dump(mode="json"))
        assert events.validate_json(sent) == event

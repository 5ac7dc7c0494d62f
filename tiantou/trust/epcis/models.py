"""The events that are exported, closed: what EPCIS 2.0 and CBV 2.0 have that we mean, and no more.

GS1's published JSON schema lets any member and any value pass; these do not.
Source: GS1 EPCIS 2.0 (June 2022), sections 7 and 9; GS1 CBV 2.0, sections 7 and 8.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AnyUrl, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

Uri = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=300)]
Offset = Annotated[str, Field(pattern=r"^[+-][0-9]{2}:[0-9]{2}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
BizStep = Literal["creating_class_instance", "packing", "shipping", "holding", "destroying"]
Disposition = Literal[
    "active", "sellable_not_accessible", "in_progress", "in_transit", "recalled", "destroyed"
]


def _spelt(name: str) -> str:
    """A name as EPCIS spells it: event_id is eventID."""
    first, *rest = name.split("_")
    return first + "".join("ID" if part == "id" else part.capitalize() for part in rest)


class Closed(BaseModel):
    """Knows its members; null ones are left out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, alias_generator=_spelt)

    def out(self) -> dict[str, Any]:
        """As JSON-LD."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Place(Closed):
    """A read point or business location."""

    id: Uri


class Quantity(Closed):
    """Mass of a class in kilograms, or, without a unit, a count of boxes."""

    epc_class: Uri
    quantity: float = Field(gt=0)
    uom: Literal["KGM"] | None = None

    @model_validator(mode="after")
    def _whole_boxes(self) -> "Quantity":
        if self.uom is None and self.quantity != int(self.quantity):
            raise ValueError("a count is whole")
        return self


class BizTransaction(Closed):
    """An order or a waybill."""

    type: Literal["po", "bol"]
    biz_transaction: Uri


class Destination(Closed):
    """The county that a parcel goes to, never an address."""

    type: Literal["location"] = "location"
    destination: Uri


class Persistent(Closed):
    """What stays with the class whatever happens to it next."""

    set: list[Literal["recalled"]] = Field(min_length=1)


class Ilmd(Closed):
    """What a lot is from its making on."""

    lot: str = Field(alias="cbvmda:lotNumber", min_length=1, max_length=40)
    harvested: Day | None = Field(default=None, alias="cbvmda:harvestStartDate")
    best_before: Day | None = Field(default=None, alias="cbvmda:bestBeforeDate")
    country: Literal["CN"] | None = Field(default=None, alias="cbvmda:countryOfOrigin")


class _Event(Closed):
    event_id: str | None = None
    event_time: AwareDatetime
    event_time_zone_offset: Offset
    biz_step: BizStep
    disposition: Disposition
    read_point: Place | None = None
    biz_location: Place | None = None

    def out(self) -> dict[str, Any]:
        """As JSON-LD; moments to the millisecond, as the hash has them."""
        made = super().out()
        made["eventTime"] = moment(self.event_time)
        return made


class ObjectEvent(_Event):
    """Something happened to lots: harvested, recalled."""

    type: Literal["ObjectEvent"] = "ObjectEvent"
    action: Literal["ADD", "OBSERVE", "DELETE"]
    quantity_list: list[Quantity] = Field(min_length=1)
    persistent_disposition: Persistent | None = None
    ilmd: Ilmd | None = None

    @model_validator(mode="after")
    def _ilmd_only_at_the_beginning(self) -> "ObjectEvent":
        if self.ilmd is not None and self.action != "ADD":
            raise ValueError("ilmd belongs to the event that adds")
        return self


class TransformationEvent(_Event):
    """Lots became other lots."""

    type: Literal["TransformationEvent"] = "TransformationEvent"
    transformation_id: Uri
    input_quantity_list: list[Quantity] = Field(min_length=1)
    output_quantity_list: list[Quantity] = Field(min_length=1)
    ilmd: Ilmd | None = None


class AggregationEvent(_Event):
    """Boxes went into a parcel."""

    type: Literal["AggregationEvent"] = "AggregationEvent"
    action: Literal["ADD"] = "ADD"
    parent_id: Uri
    child_quantity_list: list[Quantity] = Field(min_length=1)
    biz_transaction_list: list[BizTransaction] = Field(min_length=1)
    destination_list: list[Destination] | None = None


Event = Annotated[ObjectEvent | TransformationEvent | AggregationEvent, Field(discriminator="type")]


class Body(Closed):
    """The events, oldest first."""

    event_list: list[Event]


class Document(Closed):
    """A document as EPCIS 2.0 writes it."""

    context: list[AnyUrl] = Field(alias="@context", min_length=1, max_length=1)
    type: Literal["EPCISDocument"] = "EPCISDocument"
    schema_version: Literal["2.0"] = "2.0"
    creation_date: AwareDatetime
    epcis_body: Body

    def out(self) -> dict[str, Any]:
        """As JSON-LD."""
        return {
            "@context": [str(one) for one in self.context],
            "type": self.type,
            "schemaVersion": self.schema_version,
            "creationDate": moment(self.creation_date),
            "epcisBody": {"eventList": [one.out() for one in self.epcis_body.event_list]},
        }


def moment(at: datetime) -> str:
    """UTC to the millisecond, cut off, with Z."""
    said = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return said.removesuffix("+00:00") + "Z"

"""A passport as JSON-LD in schema.org's words; closed models: what is not here is not said."""

from datetime import date

from msgspec import Struct, field

from tiantou.supply.face import InspectionView
from tiantou.trust.passport_numbers import UNITS
from tiantou.trust.passports import Passport

CONTEXT = "https://schema.org"


class Quantity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org QuantitativeValue; `unitCode` GRM: grams (UN/ECE Recommendation 20)."""

    type: str = field(name="@type", default="QuantitativeValue")
    value: int
    unit_code: str = field(name="unitCode", default="GRM")


class Property(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org PropertyValue: a limit or measure in the attribute's own whole unit."""

    type: str = field(name="@type", default="PropertyValue")
    name: str
    property_id: str = field(name="propertyID")
    min_value: int | None = field(name="minValue")
    max_value: int | None = field(name="maxValue")


class Party(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org Organization, by name alone: no address, no phone."""

    type: str = field(name="@type", default="Organization")
    name: str


class Certification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org Certification."""

    type: str = field(name="@type", default="Certification")
    name: str
    number: str | None = field(name="certificationIdentification")
    issued_by: Party | None = field(name="issuedBy")
    expires: date | None


class Place(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org Place, down to the village."""

    type: str = field(name="@type", default="Place")
    name: str


class Observation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org Observation: a test of the lot; `verdict`: pass, fail, noted."""

    type: str = field(name="@type", default="Observation")
    name: str
    observation_date: str = field(name="observationDate")
    verdict: str
    sample: int
    results: list[Property]


class PassportData(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """schema.org Product: one box. `status`: good, held or recalled, an own term."""

    context: dict[str, str] = field(name="@context")
    type: str = field(name="@type", default="Product")
    id: str = field(name="@id")
    identifier: str
    name: str
    category: str
    status: str
    lot: str
    grade: str
    weight: Quantity
    production_date: str = field(name="productionDate")
    best_before: str = field(name="bestBefore")
    packed: str
    packed_by: Party = field(name="packedBy")
    origin: list[Place]
    roots: int
    growers: list[str]
    limits: list[Property]
    measured: list[Property]
    tests: list[Observation]
    certifications: list[Certification] = field(name="hasCertification")
    growers_permille: int | None = field(name="growersPermille")
    scans: int


# schema.org's terms, and the few of our own that it has none for.
TERMS = {
    "@vocab": f"{CONTEXT}/",
    "status": "urn:tiantou:status",
    "lot": "urn:tiantou:lot",
    "grade": "urn:tiantou:grade",
    "bestBefore": "urn:tiantou:bestBefore",
    "packed": "urn:tiantou:packed",
    "packedBy": "urn:tiantou:packedBy",
    "origin": "urn:tiantou:origin",
    "roots": "urn:tiantou:roots",
    "growers": "urn:tiantou:growers",
    "limits": "urn:tiantou:limits",
    "measured": "urn:tiantou:measured",
    "tests": "urn:tiantou:tests",
    "verdict": "urn:tiantou:verdict",
    "sample": "urn:tiantou:sample",
    "results": "urn:tiantou:results",
    "growersPermille": "urn:tiantou:growersPermille",
    "scans": "urn:tiantou:scans",
}


def passport_data(one: Passport, address: str) -> PassportData:
    """The document of a box whose passport stands at `address`."""
    return PassportData(
        context=TERMS,
        id=address,
        identifier=one.code,
        name=one.title,
        category=f"{one.variety.crop_en}, {one.variety.name_en}",
        status=one.state,
        lot=one.lot_code,
        grade=one.grade,
        weight=Quantity(value=one.net_g),
        production_date=one.harvested_at.isoformat(),
        best_before=one.best_before.isoformat(),
        packed=one.packed_at.isoformat(),
        packed_by=Party(name=one.packed_by),
        origin=[Place(name=place) for place in one.places],
        roots=one.plots,
        growers=one.growers,
        limits=_limits(one),
        measured=[
            Property(
                name=part.attribute, property_id="range", min_value=part.low, max_value=part.high
            )
            for part in one.measured
        ],
        tests=[_observation(part) for test in one.tests for part in test.parts],
        certifications=_certifications(one),
        growers_permille=None if one.share is None else one.share.permille,
        scans=one.scans,
    )


def _observation(part: InspectionView) -> Observation:
    said = {name: getattr(part, name) for name in UNITS}
    return Observation(
        name=part.kind,
        observation_date=part.at.isoformat(),
        verdict=part.verdict,
        sample=part.sample_n,
        results=[
            Property(name=name, property_id="mean", min_value=one, max_value=one)
            for name, one in said.items()
            if one is not None
        ],
    )


def _limits(one: Passport) -> list[Property]:
    limits = [] if one.grade_said is None else one.grade_said.grade.limits
    return [
        Property(
            name=limit.attribute,
            property_id="limit",
            min_value=limit.low,
            max_value=limit.high,
        )
        for limit in limits
    ]


def _certifications(one: Passport) -> list[Certification]:
    made = [
        Certification(
            name=claim.claim,
            number=claim.certificate_no,
            issued_by=None if claim.issuer is None else Party(name=claim.issuer),
            expires=claim.valid_until,
        )
        for claim in one.claims
    ]
    if one.paper is not None:
        issuer = Party(name=one.paper.promiser)
        no = one.paper.no
        made.append(Certification(name="conformity", number=no, issued_by=issuer, expires=None))
    return made

"""The seller as it stands beside his goods in answers of every module."""

from uuid import UUID

from pydantic import BaseModel

from tiantou.accounts.views import OrgView


class Seller(BaseModel):
    """Who sells: shown continuously beside the goods; `address` from the province down."""

    org_id: UUID
    name: str
    address: str
    contact_phone: str
    registration_code: str | None

    @classmethod
    def of(cls, org: OrgView) -> "Seller":
        """The seller of an organization's view."""
        return cls(
            org_id=org.id,
            name=org.name,
            address=org.full_address,
            contact_phone=org.contact_phone,
            registration_code=org.registration_code,
        )

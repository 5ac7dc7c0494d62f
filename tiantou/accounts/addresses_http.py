"""Routes of one's own address book."""

from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.accounts import addresses
from tiantou.accounts.problems import TooMany
from tiantou.accounts.wire import Address, Addresses
from tiantou.core.http import Caller, InTx, WithKeys, problems, router
from tiantou.core.problems import InvalidFields, NotFound, SignInRequired
from tiantou.core.words import Line

routes = router("accounts")


class AddressIn(BaseModel):
    """A place where parcels go; the division is one that nothing lies below."""

    recipient: Line = Field(min_length=1, max_length=30)
    phone: str = Field(max_length=30)
    division_code: str = Field(pattern=r"^\d{6}$")
    detail: Line = Field(min_length=2, max_length=120)
    is_default: bool = False

    def text(self) -> addresses.AddressText:
        """The use case's form."""
        return addresses.AddressText(**self.model_dump())


@routes.get("/api/me/addresses", responses=problems(SignInRequired))
async def book(tx: InTx, keys: WithKeys, caller: Caller) -> Addresses:
    """One's addresses, the default one first; at most 20."""
    found = await addresses.book(tx, keys, caller.person_id)
    return Addresses(items=[Address.model_validate(one) for one in found])


@routes.post(
    "/api/me/addresses",
    status_code=201,
    responses=problems(InvalidFields, SignInRequired, TooMany),
)
async def add(said: AddressIn, tx: InTx, keys: WithKeys, caller: Caller) -> Address:
    """Adds an address; the first one becomes the default."""
    return Address.model_validate(await addresses.add(tx, keys, caller.person_id, said.text()))


@routes.put(
    "/api/me/addresses/{address_id}", responses=problems(InvalidFields, SignInRequired, NotFound)
)
async def change(
    address_id: UUID, said: AddressIn, tx: InTx, keys: WithKeys, caller: Caller
) -> Address:
    """Changes an address."""
    changed = await addresses.change(tx, keys, caller.person_id, address_id, said.text())
    return Address.model_validate(changed)


@routes.delete(
    "/api/me/addresses/{address_id}",
    status_code=204,
    responses=problems(SignInRequired, NotFound),
)
async def remove(address_id: UUID, tx: InTx, caller: Caller) -> None:
    """Deletes an address."""
    await addresses.remove(tx, caller.person_id, address_id)

"""The carrier that nobody can ask: what happens to its parcels is entered by hand."""

from tiantou.logistics.ports import Scan


class ManualCarrier:
    """Knows nothing by itself, so it has nothing to add to what people enter."""

    name = "manual"

    async def scans(self, carrier: str, waybill: str) -> list[Scan]:
        """Nothing."""
        return []

"""Every module's tables, imported so that their metadata is complete."""

from importlib import import_module
from importlib.util import find_spec

MODULES = (
    "regions",
    "accounts",
    "media",
    "catalog",
    "logistics",
    "supply",
    "trade",
    "live",
    "trust",
    "oversight",
)
CORE = ("outbox", "once", "delivery_tables", "timers", "limits", "audit", "files", "instance")


def load_tables() -> None:
    """Imports core's tables and each module's `tables`."""
    for name in CORE:
        import_module(f"tiantou.core.{name}")
    for name in MODULES:
        if find_spec(f"tiantou.{name}") and find_spec(f"tiantou.{name}.tables"):
            import_module(f"tiantou.{name}.tables")

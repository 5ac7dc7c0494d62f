"""House contracts that import-linter's own types cannot say without ignore lists."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


def _within(module: str, roots: list[str]) -> bool:
    return any(module == root or module.startswith(root + ".") for root in roots)


def _report(check: ContractCheck) -> None:
    for importer, imported in check.metadata["bad"]:
        output.print_error(f"{importer} -> {imported}")


class OnlyIn(Contract):
    """`modules` may be imported directly only by modules whose name matches one of `places`."""

    type_name = "only_in"
    modules = fields.ListField(fields.StringField())
    places = fields.ListField(fields.StringField())

    def _bad(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        roots, places = list(self.modules), list(self.places)  # type: ignore[call-overload]
        for module in graph.modules:
            if not _within(module, roots):
                continue
            for importer in graph.find_modules_that_directly_import(module):
                if _within(importer, roots):
                    continue
                if not any(fnmatchcase(importer, place) for place in places):
                    yield importer, module

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Broken if a module outside `places` imports one of `modules`."""
        bad = sorted(set(self._bad(graph)))
        return ContractCheck(kept=not bad, metadata={"bad": bad})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints each forbidden arrow."""
        _report(check)


class Faces(Contract):
    """A module is entered through its `doors`; `keepers` enter anywhere, `open` is free."""

    type_name = "faces"
    root = fields.StringField()
    doors = fields.ListField(fields.StringField())
    keepers = fields.ListField(fields.StringField())
    open = fields.ListField(fields.StringField())

    def _bad(self, graph: ImportGraph) -> Iterator[tuple[str, str]]:
        root, doors = str(self.root), list(self.doors)  # type: ignore[call-overload]
        keepers, free = list(self.keepers), list(self.open)  # type: ignore[call-overload]
        depth = root.count(".") + 2
        for importer in graph.modules:
            home = ".".join(importer.split(".")[:depth])
            if home in keepers:
                continue
            for module in graph.find_modules_directly_imported_by(importer):
                house = ".".join(module.split(".")[:depth])
                if not module.startswith(root + ".") or house == home or house in free:
                    continue
                at_door = module.count(".") == depth and module.rsplit(".", 1)[-1] in doors
                leaf = module == house and not graph.find_children(house)
                if not at_door and not leaf:
                    yield importer, module

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Broken if a module is entered past its doors."""
        bad = sorted(set(self._bad(graph)))
        return ContractCheck(kept=not bad, metadata={"bad": bad})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints each forbidden arrow."""
        _report(check)

"""The lint contracts find what is planted."""

from grimp import ImportGraph

from tools.contracts import Faces, OnlyIn


def _graph(*arrows: tuple[str, str]) -> ImportGraph:
    graph = ImportGraph()
    for importer, imported in arrows:
        for module in (importer, imported):
            graph.add_module(module)
        graph.add_import(importer=importer, imported=imported)
    return graph


def _faces(graph: ImportGraph) -> bool:
    options = {"root": "tiantou", "doors": ["face"], "keepers": ["tiantou.wiring"]}
    contract = Faces("faces", {}, options | {"open": ["tiantou.kit"]})
    return contract.check(graph, verbose=False).kept


def test_only_in_finds_a_planted_import() -> None:
    contract = OnlyIn("sql", {}, {"modules": ["sqlalchemy"], "places": ["tiantou.*.tables"]})
    good = _graph(("tiantou.trade.tables", "sqlalchemy"))
    bad = _graph(("tiantou.trade.orders", "sqlalchemy"))
    assert contract.check(good, verbose=False).kept
    assert not contract.check(bad, verbose=False).kept


def test_faces_finds_a_back_door() -> None:
    graph = _graph(("tiantou.live.rooms", "tiantou.trade.face"))
    assert _faces(graph)
    graph.add_module("tiantou.trade.orders")
    graph.add_import(importer="tiantou.live.rooms", imported="tiantou.trade.orders")
    assert not _faces(graph)
    keeper = _graph(("tiantou.wiring", "tiantou.trade.orders"))
    assert _faces(keeper)

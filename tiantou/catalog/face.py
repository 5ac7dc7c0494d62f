"""What other modules may use of catalog."""

from tiantou.catalog.products import (
    PackIn,
    ProductIn,
    change_product,
    make_product,
    open_to_rooms,
    switch_product,
)
from tiantou.catalog.products_sql import (
    find_open,
    find_products,
    hold_open,
    in_season,
    pack,
    packs,
    packs_of,
    product,
    products,
    products_of,
)
from tiantou.catalog.seeds import variety_id
from tiantou.catalog.varieties_sql import find_varieties, varieties, variety
from tiantou.catalog.views import PackView, ProductView, VarietyView
from tiantou.catalog.wire import Pack, Product, Variety

__all__ = [
    "Pack",
    "PackIn",
    "PackView",
    "Product",
    "ProductIn",
    "ProductView",
    "Variety",
    "VarietyView",
    "change_product",
    "find_open",
    "find_products",
    "find_varieties",
    "hold_open",
    "in_season",
    "make_product",
    "open_to_rooms",
    "pack",
    "packs",
    "packs_of",
    "product",
    "products",
    "products_of",
    "switch_product",
    "varieties",
    "variety",
    "variety_id",
]

"""What other modules may use of supply."""

from tiantou.supply.certificates import BASES, COMMITMENTS, Paper
from tiantou.supply.certificates_sql import certificates_for
from tiantou.supply.households_sql import household, households
from tiantou.supply.lots_sql import lot, lots, lots_for_pack, lots_for_packs
from tiantou.supply.packing import pack_lot, pack_mix
from tiantou.supply.picking import pick, pick_first_expired, unpick
from tiantou.supply.problems import GradeDiffers, LotInUse, LotNotOpen, LotShort
from tiantou.supply.roots import roots
from tiantou.supply.slips import step
from tiantou.supply.slips_sql import slip, slips, slips_of, slips_of_household
from tiantou.supply.views import (
    CertificateView,
    HouseholdView,
    LotView,
    Packed,
    PackedLotView,
    Picked,
    PlotView,
    RootShare,
    SlipView,
)
from tiantou.supply.weighing import Agreement, WeighIn, weigh_in

__all__ = [
    "BASES",
    "COMMITMENTS",
    "Agreement",
    "CertificateView",
    "GradeDiffers",
    "HouseholdView",
    "LotInUse",
    "LotNotOpen",
    "LotShort",
    "LotView",
    "Packed",
    "PackedLotView",
    "Paper",
    "Picked",
    "PlotView",
    "RootShare",
    "SlipView",
    "WeighIn",
    "certificates_for",
    "household",
    "households",
    "lot",
    "lots",
    "lots_for_pack",
    "lots_for_packs",
    "pack_lot",
    "pack_mix",
    "pick",
    "pick_first_expired",
    "roots",
    "slip",
    "slips",
    "slips_of",
    "slips_of_household",
    "step",
    "unpick",
    "weigh_in",
]

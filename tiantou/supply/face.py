"""What other modules may use of supply."""

from tiantou.supply.acts import hold, recall, release
from tiantou.supply.boxes import bind_boxes, free_box, free_boxes
from tiantou.supply.boxes import scanned as scanned_boxes
from tiantou.supply.boxes_sql import box
from tiantou.supply.boxes_sql import lock as lock_boxes
from tiantou.supply.boxes_sql import of_lot as boxes_of_lot
from tiantou.supply.certificates import BASES, COMMITMENTS, Paper
from tiantou.supply.certificates_sql import certificates_for
from tiantou.supply.claims.bearing import bear, give_up
from tiantou.supply.claims.claims_sql import ClaimView, SchemeView, claims_of, packs_of, scheme_ids
from tiantou.supply.claims.schemes import TIMER as SCHEME_TIMER
from tiantou.supply.claims.schemes import own as scheme
from tiantou.supply.claims.schemes import step as scheme_step
from tiantou.supply.epcis_sql import Harvested as EpcisHarvested
from tiantou.supply.epcis_sql import Part as EpcisPart
from tiantou.supply.epcis_sql import RecalledLot as EpcisRecalled
from tiantou.supply.epcis_sql import Run as EpcisRun
from tiantou.supply.epcis_sql import begun as epcis_begun
from tiantou.supply.epcis_sql import harvests as epcis_harvests
from tiantou.supply.epcis_sql import recalls as epcis_recalls
from tiantou.supply.epcis_sql import runs as epcis_runs
from tiantou.supply.grade_runs import Graded, GradeRun, Output, grade_run
from tiantou.supply.grading.standards_sql import Piece
from tiantou.supply.households_sql import household, households
from tiantou.supply.inspecting.inspections_sql import InspectionView, results_of_draws
from tiantou.supply.inspecting.inspections_sql import of_draw as inspections_of_draw
from tiantou.supply.inspecting.inspections_sql import of_lots as inspections_of_lots
from tiantou.supply.inspecting.inspections_sql import of_session as inspections_of_session
from tiantou.supply.inspecting.population_sql import Member, population
from tiantou.supply.inspections import InspectionIn, Values, inspect
from tiantou.supply.inspections_wire import Inspection, InspectionAsked, inspections_out
from tiantou.supply.lots_sql import (
    first_to_expire,
    lot,
    lot_by_code,
    lots,
    lots_for_pack,
    lots_for_packs,
    packed_lot,
)
from tiantou.supply.packing import PackRun, pack_lot, pack_mix, pack_run
from tiantou.supply.passport_sql import GradeSaid, Measured, grade_said, measured
from tiantou.supply.picking import pick, pick_first_expired, unpick
from tiantou.supply.problems import (
    BoxTaken,
    CertificateNotInForce,
    GradeDiffers,
    LotInUse,
    LotNotOpen,
    LotShort,
    MassDiffers,
    RootNotCovered,
)
from tiantou.supply.roots import roots
from tiantou.supply.slips import step
from tiantou.supply.slips_sql import slip, slips, slips_of, slips_of_household
from tiantou.supply.trace_sql import Root, Story, mass_of, story_of
from tiantou.supply.trace_sql import down as descendants
from tiantou.supply.trace_sql import roots as root_lots
from tiantou.supply.trace_sql import up as ancestors
from tiantou.supply.views import (
    BoxView,
    CertificateView,
    HouseholdView,
    LotView,
    Mass,
    Packed,
    PackedLotView,
    Picked,
    PlotView,
    Recalled,
    RootShare,
    SlipView,
)
from tiantou.supply.weighing import Agreement, WeighIn, weigh_in
from tiantou.supply.wire import LotRoot, roots_out
from tiantou.supply.words import GRADES
from tiantou.supply.words import WORDS as PAPER_WORDS

__all__ = [
    "BASES",
    "COMMITMENTS",
    "GRADES",
    "PAPER_WORDS",
    "SCHEME_TIMER",
    "Agreement",
    "BoxTaken",
    "BoxView",
    "CertificateNotInForce",
    "CertificateView",
    "ClaimView",
    "EpcisHarvested",
    "EpcisPart",
    "EpcisRecalled",
    "EpcisRun",
    "GradeDiffers",
    "GradeRun",
    "GradeSaid",
    "Graded",
    "HouseholdView",
    "Inspection",
    "InspectionAsked",
    "InspectionIn",
    "InspectionView",
    "LotInUse",
    "LotNotOpen",
    "LotRoot",
    "LotShort",
    "LotView",
    "Mass",
    "MassDiffers",
    "Measured",
    "Member",
    "Output",
    "PackRun",
    "Packed",
    "PackedLotView",
    "Paper",
    "Picked",
    "Piece",
    "PlotView",
    "Recalled",
    "Root",
    "RootNotCovered",
    "RootShare",
    "SchemeView",
    "SlipView",
    "Story",
    "Values",
    "WeighIn",
    "ancestors",
    "bear",
    "bind_boxes",
    "box",
    "boxes_of_lot",
    "certificates_for",
    "claims_of",
    "descendants",
    "epcis_begun",
    "epcis_harvests",
    "epcis_recalls",
    "epcis_runs",
    "first_to_expire",
    "free_box",
    "free_boxes",
    "give_up",
    "grade_run",
    "grade_said",
    "hold",
    "household",
    "households",
    "inspect",
    "inspections_of_draw",
    "inspections_of_lots",
    "inspections_of_session",
    "inspections_out",
    "lock_boxes",
    "lot",
    "lot_by_code",
    "lots",
    "lots_for_pack",
    "lots_for_packs",
    "mass_of",
    "measured",
    "pack_lot",
    "pack_mix",
    "pack_run",
    "packed_lot",
    "packs_of",
    "pick",
    "pick_first_expired",
    "population",
    "recall",
    "release",
    "results_of_draws",
    "root_lots",
    "roots",
    "roots_out",
    "scanned_boxes",
    "scheme",
    "scheme_ids",
    "scheme_step",
    "slip",
    "slips",
    "slips_of",
    "slips_of_household",
    "step",
    "story_of",
    "unpick",
    "weigh_in",
]

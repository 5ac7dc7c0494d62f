"""Routes of the control room: a lot on camera, and what is measured of it."""

from uuid import UUID

from fastapi import APIRouter, Response

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.live import on_camera, sessions
from tiantou.live.camera_wire import CameraLots, CameraTestIn, LotOnCamera, ShowIn
from tiantou.live.problems import NoLotOnCamera, NotOnAir
from tiantou.supply.face import LotNotOpen

routes: APIRouter = router("control")

_KINDS = (SignInRequired, NotAllowed, NotFound, InvalidFields)
_PATH = "/api/sessions/{session_id}/on-camera"


@routes.get(_PATH, responses=problems(*_KINDS))
async def on_camera_now(session_id: UUID, tx: InTx, caller: Caller) -> CameraLots:
    """What is on camera now, and the lots of what is explained, to choose from."""
    row = await sessions.seen(tx, caller, session_id, *sessions.CREW)
    return CameraLots(now=await on_camera.now(tx, row.id), lots=await on_camera.lots(tx, row))


@routes.post(_PATH, responses=problems(*_KINDS, NotOnAir, LotNotOpen))
async def show_lot(session_id: UUID, asked: ShowIn, tx: InTx, caller: Caller) -> LotOnCamera:
    """Puts a lot on camera: viewers see its code, when and where it was harvested."""
    return await on_camera.show(tx, caller, session_id, asked)


@routes.delete(_PATH, status_code=204, responses=problems(*_KINDS, NotOnAir))
async def take_lot_off(session_id: UUID, tx: InTx, caller: Caller) -> Response:
    """No lot is on camera any more."""
    await on_camera.take_off(tx, caller, session_id)
    return Response(status_code=204)


@routes.post(
    _PATH + "/tests", status_code=201, responses=problems(*_KINDS, NotOnAir, NoLotOnCamera)
)
async def record_test(
    session_id: UUID, asked: CameraTestIn, tx: InTx, caller: Caller
) -> LotOnCamera:
    """Writes down what was just measured before the camera; every viewer sees it."""
    return await on_camera.record(tx, caller, session_id, asked)

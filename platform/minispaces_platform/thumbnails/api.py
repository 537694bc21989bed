"""The builder's door for pictures. Announced by `internal/api.py`, whose token it needs."""

import anyio.to_thread
from fastapi import APIRouter, Request

from minispaces_contract.messages import PictureOrder
from minispaces_platform.errors import InvalidError
from minispaces_platform.parts import Parts, PartsDep
from minispaces_platform.thumbnails import service, store

router = APIRouter(include_in_schema=False)


@router.get("/deployments/{deployment_id}/picture")
def read_picture_order(deployment_id: str, parts: PartsDep) -> PictureOrder:
    with parts.database.reading() as session:
        return service.order_of(session, parts.settings, deployment_id)


@router.put("/deployments/{deployment_id}/picture", status_code=204)
async def keep_picture(deployment_id: str, request: Request, parts: PartsDep) -> None:
    picture = b""
    async for chunk in request.stream():
        picture += chunk
        if len(picture) > store.MAX_BYTES:
            raise InvalidError("This picture is larger than a megabyte.")
    await anyio.to_thread.run_sync(_keep, parts, deployment_id, picture)


def _keep(parts: Parts, deployment_id: str, picture: bytes) -> None:
    with parts.database.writing() as session:
        service.keep(session, parts, deployment_id, picture)

"""Is this process up, and can it do its work?"""

import anyio.to_thread
import redis
from fastapi import APIRouter, Depends, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from minispaces_platform.guard import Everybody
from minispaces_platform.parts import PartsDep

router = APIRouter(include_in_schema=False, dependencies=[Depends(Everybody("says only whether it works"))])


@router.get("/healthz")
def read_health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def read_readiness(parts: PartsDep, response: Response) -> dict[str, str]:
    """503 names the part that does not answer."""
    states = {"database": await anyio.to_thread.run_sync(_database, parts), "redis": await _redis(parts)}
    if set(states.values()) != {"ok"}:
        response.status_code = 503
    return states


def _database(parts: PartsDep) -> str:
    try:
        with parts.database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "does not answer"
    return "ok"


async def _redis(parts: PartsDep) -> str:
    try:
        await parts.redis.ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"

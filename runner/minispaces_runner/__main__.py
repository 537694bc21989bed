"""`python -m minispaces_runner`: run until SIGTERM, which leaves the apps be, or SIGINT, which clears them away.

With `clear`: remove all apps and routes.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import redis.asyncio
import structlog
import uvicorn
from starlette.applications import Starlette

from minispaces_contract.client import RunnerDoor
from minispaces_contract.logs import configure_logs
from minispaces_runner.access_follower import AccessFollower
from minispaces_runner.disk_watch import DiskWatch
from minispaces_runner.effects import Effects
from minispaces_runner.engine import Engine, EngineError
from minispaces_runner.engines import open_engine
from minispaces_runner.gpu.book import Book
from minispaces_runner.gpu.doors import Doors
from minispaces_runner.gpu.turn_taker import TurnTaker
from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.haproxy_socket import HaproxySocket
from minispaces_runner.ledger import Ledger
from minispaces_runner.reconciler import Reconciler
from minispaces_runner.reporter import Reporter
from minispaces_runner.settings import RunnerSettings
from minispaces_runner.storage.door import make_storage_door
from minispaces_runner.storage.keeper import keep_storage
from minispaces_runner.usage_teller import UsageTeller
from minispaces_runner.visits import VisitsTeller
from minispaces_runner.waker import make_waker
from minispaces_runner.world_follower import WorldFollower

_LAST_SECONDS = 1.0

log = structlog.get_logger()


async def run(settings: RunnerSettings) -> None:
    """Until SIGTERM, after which apps and proxy go on without us, or SIGINT, after which no app is left."""
    engine = await open_engine(settings)
    _note_isolation(settings, engine)
    door, client = RunnerDoor(settings), redis.asyncio.Redis.from_url(settings.redis_url)
    ledger = Ledger()
    effects = Effects(engine=engine, routes=_routes(settings), reporter=Reporter(door), redis=client, ledger=ledger)
    book = Book([gpu.id for gpu in engine.seats.gpus])
    turns = TurnTaker(book, engine.seats, longest=settings.gpu_lease_seconds)
    world = WorldFollower(door, client, ledger=ledger, settings=settings)
    reconciler = Reconciler(effects, world, settings, turns=turns)
    follower = AccessFollower(door, client, settings)
    visits = VisitsTeller(door, HaproxySocket(settings.proxy_socket))
    doors = Doors(book, engine, ledger, longest=settings.gpu_lease_seconds)
    usage = UsageTeller(engine, door, HaproxySocket(settings.proxy_socket), settings.data, book=book)
    waker = make_waker(ledger, settings, wake=reconciler.wake, redeem=follower.redeem)
    looking = serve_socket(make_storage_door(engine.volumes, settings), settings.storage_socket)
    storage = (keep_storage(engine.volumes, ledger), looking)
    try:
        watch = DiskWatch(effects).run()
        own = (reconciler.run(), follower.run(), visits.run(), usage.run(), doors.run(), watch, *storage)
        parts = (*own, serve_waker(waker, settings))
        if await _until_signal(*parts) is signal.SIGINT:
            await effects.routes.delete(await effects.routes.all())
            await engine.clear()
    finally:
        await engine.aclose()
        await door.aclose()
        await client.aclose()


async def clear(settings: RunnerSettings) -> None:
    """Routes first, so that nobody is led to an app that goes."""
    routes = _routes(settings)
    await routes.delete(await routes.all())
    engine = await open_engine(settings)
    await engine.clear()
    await engine.aclose()


async def _until_signal(*parts: Coroutine[Any, Any, None]) -> signal.Signals:
    loop = asyncio.get_running_loop()
    told: asyncio.Future[signal.Signals] = loop.create_future()

    def tell(number: signal.Signals) -> None:
        if not told.done():
            told.set_result(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, tell, number)
    tasks = [asyncio.ensure_future(part) for part in (*parts, told)]
    ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    # No longer: asyncio.run cancels once more what is left.
    await asyncio.wait(tasks, timeout=_LAST_SECONDS)
    for task in ended:
        task.result()
    return told.result()


class _Server(uvicorn.Server):
    """Signals are the process's own business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_waker(waker: Starlette, settings: RunnerSettings) -> None:
    await serve_socket(waker, settings.waker_socket)


async def serve_socket(app: Starlette, socket: Path) -> None:
    socket.parent.mkdir(parents=True, exist_ok=True)
    config = uvicorn.Config(app, uds=str(socket), ws="none", lifespan="off", log_config=None, server_header=False)
    await _Server(config).serve()


def _routes(settings: RunnerSettings) -> HaproxyRoutes:
    return HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket)


def _note_isolation(settings: RunnerSettings, engine: Engine) -> None:
    log.info("isolation", words=engine.isolation)
    settings.isolation_file.parent.mkdir(parents=True, exist_ok=True)
    settings.isolation_file.write_text(engine.isolation + "\n")


def main(arguments: list[str]) -> None:
    settings = RunnerSettings()
    configure_logs("runner", settings.log_format)
    try:
        match arguments:
            case []:
                asyncio.run(run(settings))
            case ["clear"]:
                asyncio.run(clear(settings))
            case _:
                sys.exit("usage: python -m minispaces_runner [clear]")
    except EngineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])

"""`minispaces up`: start every part in order, say when it is ready, stop everything on Ctrl-C."""

import asyncio
import fcntl
import json
import logging
import logging.handlers
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import structlog
import typer

from minispaces_contract.logs import configure_logs
from minispaces_platform import installation
from minispaces_platform.accounts import links
from minispaces_platform.database import Database
from minispaces_platform.embedded import welcome
from minispaces_platform.embedded.choice import choose_engine
from minispaces_platform.embedded.processes import clear_argv, redis_part, room_parts
from minispaces_platform.embedded.supervisor import Supervisor
from minispaces_platform.installation import Addresses
from minispaces_platform.migrate import migrate
from minispaces_platform.settings import PlatformSettings

LOG_BYTES = 20 << 20
CLEAR_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Options:
    data: Path
    addresses: Addresses
    engine: str = "auto"
    welcome: bool = True


def run(options: Options) -> int:
    """Blocks until a signal; the exit code."""
    data = options.data
    data.mkdir(parents=True, exist_ok=True)
    run = installation.run_folder(data)
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            typer.echo(
                f"Minispaces runs already on {data}. Stop it first, or name another folder with --data.", err=True
            )
            return 2
        if taken := _taken(options.addresses.port):
            typer.echo(taken, err=True)
            return 2
        log_file = _log_to_file(data)
        return asyncio.run(_run(options, run, log_file))


def _taken(port: int) -> str | None:
    import socket

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            return f"Port {port} cannot be used ({error.strerror}). Choose another one: minispaces up --port PORT"
    return None


async def _run(options: Options, run: Path, log_file: logging.Handler) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    installation.remember(options.data, options.addresses)
    engine = choose_engine(options.engine)
    environment = os.environ | installation.environment(options.data, options.addresses, engine=engine)
    supervisor = Supervisor(environment, pids=run / "pids.json", output=_Output(log_file), warn=_warn)
    starting = asyncio.create_task(_start(options, run, supervisor, engine))
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    code = 0
    if starting in done and (code := starting.result()) == 0:
        await stopping
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    typer.echo("Stopping ...")
    await _stop(supervisor, environment)
    return code


async def _start(options: Options, run: Path, supervisor: Supervisor, engine: str) -> int:
    begun = time.monotonic()
    typer.echo(f"Starting Minispaces on {options.data} (engine: {engine}; log: {options.data / 'minispaces.log'})")
    settings = installation.settings_of(options.data)
    database = Database(settings.effective_database_url)
    migrate(database)
    await supervisor.start(redis_part(options.data, run))
    await asyncio.gather(*(supervisor.start(part) for part in room_parts(run)))
    if options.welcome and welcome.is_wanted(database):
        typer.echo("Deploying the welcome demo ...")
        if words := await anyio.to_thread.run_sync(welcome.push_welcome, database, settings, abandon_on_cancel=True):
            typer.echo(f"The welcome demo could not be deployed:\n{words}", err=True)
    typer.echo(_greeting(database, settings))
    structlog.get_logger().info("ready", seconds=round(time.monotonic() - begun, 2))
    return 0


def _greeting(database: Database, settings: PlatformSettings) -> str:
    lines = [f"Ready: {settings.hub_url}"]
    if url := welcome.url_of_welcome(database, settings):
        lines.append(f"Demo:  {url}")
    with database.writing() as session:
        if links.needs_setup(session):
            secret = links.create_setup_link(session)
            lines.append(f"Setup: {settings.hub_url}/setup/{secret}  (once, for the first admin)")
    return "\n".join(lines)


async def _stop(supervisor: Supervisor, environment: dict[str, str]) -> None:
    """SIGINT tells the runner to clear its apps away. The proxy goes last, answering to the end."""
    cleared, _ = await asyncio.gather(
        supervisor.stop("runner", by=signal.SIGINT, grace_seconds=CLEAR_SECONDS),
        supervisor.stop("builder", grace_seconds=2),
    )
    if cleared != [0]:
        await _clear(environment)
    await supervisor.stop("proxy", "platform", "redis", grace_seconds=2)


async def _clear(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(*clear_argv(), env=environment, stderr=asyncio.subprocess.DEVNULL)
    with suppress(TimeoutError):
        async with asyncio.timeout(CLEAR_SECONDS):
            await process.wait()
            return
    process.kill()
    await process.wait()


def _warn(words: str) -> None:
    with suppress(OSError):  # a terminal that is closed takes nothing with it
        typer.echo(words, err=True)


def _log_to_file(data: Path) -> logging.Handler:
    configure_logs("supervisor", "json")
    root = logging.getLogger()
    handler = logging.handlers.RotatingFileHandler(data / "minispaces.log", maxBytes=LOG_BYTES, backupCount=3)
    handler.setFormatter(root.handlers[0].formatter)
    root.handlers = [handler]
    return handler


class _Output:
    """Every part's lines in one structured log; what a person must know also on the terminal."""

    def __init__(self, log_file: logging.Handler) -> None:
        self._file = log_file

    def __call__(self, part: str, line: str) -> None:
        event = _structured(part, line)
        record = logging.makeLogRecord({"msg": json.dumps(event, ensure_ascii=False), "levelno": logging.INFO})
        self._file.acquire()
        try:
            if self._file.shouldRollover(record):  # type: ignore[attr-defined]  # a RotatingFileHandler
                self._file.doRollover()  # type: ignore[attr-defined]
            self._file.stream.write(record.msg + "\n")  # type: ignore[attr-defined]
            self._file.flush()
        finally:
            self._file.release()
        if event.get("level") in {"error", "critical"}:
            _warn(f"{part}: {event.get('event', '')}")


def _structured(part: str, line: str) -> dict[str, object]:
    if line.startswith("{"):
        with suppress(ValueError):
            parsed = json.loads(line)
            if isinstance(parsed, dict):
                return parsed
    return {"room": part, "event": "output", "line": line, "level": "info"}

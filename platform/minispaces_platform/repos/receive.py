"""One push: git's own receive-pack does the protocol; we answer its question, record what landed, follow the build.

The report that git waits for is held back until the refs and the rows are on disk. After it come the build's
lines on the side band, live. The build does not depend on the pusher: who hangs up only stops reading.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import anyio.to_thread
import structlog

from minispaces_contract.logstream import Entry, Kind, plain
from minispaces_platform.outages import is_outage
from minispaces_platform.parts import Parts
from minispaces_platform.pushes.follow import follow_build
from minispaces_platform.pushes.outcome import LIVE
from minispaces_platform.repos.inspection import (
    RefUpdate,
    Verdict,
    choose_default_branch,
    inspect_push,
    parse_question,
)
from minispaces_platform.repos.landing import Landed, land
from minispaces_platform.repos.pktline import DATA, FATAL, FLUSH, KEEPALIVE, PROGRESS, PacketReader, band_of, on_band
from minispaces_platform.repos.process import PIPE_BYTES, THREADS, GitProcess, start_git
from minispaces_platform.repos.sizes import within_quota

_log = structlog.get_logger()


@dataclass(slots=True)
class Push:
    """Who pushes to what; `updates` and `verdict` are known once git has asked.

    A large pack is kept as it came: unpacking would compress every file anew. Small ones would pile up as packs.
    """

    space_id: str
    user_id: str
    default_branch: str
    unborn: bool
    updates: list[RefUpdate]
    large: bool = False
    verdict: Verdict | None = None


Send = Callable[[bytes], Awaitable[None]]


async def receive(parts: Parts, push: Push, body: AsyncIterator[bytes], send: Send) -> None:
    """Drive git to its end. `send` gets whole packets; the last flush is the caller's sign that all is said."""
    await anyio.to_thread.run_sync(parts.store.unlock, push.space_id, limiter=THREADS)
    question, asked = os.pipe()
    answer, verdict = os.pipe()
    environment = parts.store.environment | {
        "MINISPACES_QUESTION": f"/dev/fd/{asked}",
        "MINISPACES_VERDICT": f"/dev/fd/{answer}",
    }
    options = ("-c", "receive.unpackLimit=1") if push.large else ()
    repository = str(parts.store.path(push.space_id))
    process = await start_git(
        *options, "receive-pack", "--stateless-rpc", repository, env=environment, pass_fds=(asked, answer)
    )
    os.close(asked)
    os.close(answer)
    judging = asyncio.create_task(_judge(parts, push, question, verdict))
    feeding = asyncio.create_task(feed(process, body))
    try:
        report = await _forward_progress(process, send)
        await process.wait()
    finally:
        await _end(process, feeding, judging)
    landed = await anyio.to_thread.run_sync(_land, parts, push, limiter=THREADS)
    await send(b"".join(on_band(PROGRESS, line.encode() + b"\n") for line in landed.lines))
    await send(b"".join(report[:-1]))
    last_word = await _follow(parts, landed, send)
    # In one piece: git closes its pipe at a fatal word, and a flush of its own would then break it.
    await send(last_word + (report[-1] if report else FLUSH))


def _land(parts: Parts, push: Push) -> Landed:
    if push.verdict is None or not push.verdict.accepted:
        return Landed()
    try:
        return land(parts, push.space_id, push.verdict, updates=push.updates, user_id=push.user_id)
    except Exception as error:
        if not is_outage(error):
            raise
        _log.warning("landed_without_rows", space=push.space_id, reason=str(error)[:300])
        return Landed(lines=["The commit is stored, but the database does not answer: it is built as soon as it does."])


async def feed(process: GitProcess, body: AsyncIterator[bytes]) -> None:
    """The request's body into git, no faster than git reads."""
    with suppress(BrokenPipeError, ConnectionResetError):
        async for chunk in body:
            process.stdin.write(chunk)
            await process.stdin.drain()
    process.stdin.close()


async def _end(process: GitProcess, *tasks: asyncio.Task[None]) -> None:
    await process.end()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _judge(parts: Parts, push: Push, question: int, verdict: int) -> None:
    """Wait for the pre-receive hook's question and answer it. git may end without ever asking."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=PIPE_BYTES)
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(question, "rb"))
    with os.fdopen(verdict, "wb") as answer:
        try:
            asked = await reader.readuntil(b"\n\n")
        except asyncio.IncompleteReadError:
            return
        finally:
            transport.close()
        quarantine, push.updates = parse_question(asked.decode(errors="backslashreplace").rstrip("\n"))
        push.verdict = await anyio.to_thread.run_sync(_inspect, parts, push, quarantine, limiter=THREADS)
        words = ["accept" if push.verdict.accepted else "refuse", *push.verdict.lines]
        with suppress(BrokenPipeError):
            answer.write("".join(f"{line}\n" for line in words).encode())


def _inspect(parts: Parts, push: Push, quarantine: str) -> Verdict:
    branch = choose_default_branch(push.default_branch, push.updates, unborn=push.unborn)
    verdict = inspect_push(
        push.updates, repository=parts.store.path(push.space_id), quarantine=quarantine,
        default_branch=branch, store=parts.store, settings=parts.settings,
    )  # fmt: skip
    return within_quota(parts, push.space_id, verdict, quarantine=quarantine)


async def _forward_progress(process: GitProcess, send: Send) -> list[bytes]:
    """Progress goes out at once; the report and the flush come back, to be sent when they are true."""
    reader, held = PacketReader(), []
    while chunk := await process.stdout.read(1 << 16):
        for packet_line in reader.feed(chunk):
            if band_of(packet_line) in {DATA, None}:
                held.append(packet_line)
            else:
                await send(packet_line)
    return held


async def _follow(parts: Parts, landed: Landed, send: Send) -> bytes:
    """The build's lines as they come; what is left is to be said last.

    Refs have moved, so git reports them as pushed. A version that is to be live and is not makes the command fail all
    the same.
    """
    if landed.build_id is None:
        return b""
    ended = LIVE
    async for item in follow_build(parts, landed.build_id):
        if item is None:
            await send(KEEPALIVE)
        elif item.kind is Kind.END:
            ended = item.text
        else:
            await send(on_band(PROGRESS, _line(item)))
    if ended == LIVE or not landed.deploys:
        return b""
    return on_band(FATAL, b"The commit is stored, but this version is not live.\n")


def _line(item: Entry) -> bytes:
    return plain(item).encode() + b"\n"

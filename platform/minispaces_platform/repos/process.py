"""A git beside the event loop.

It is started in a thread, by `subprocess`, which need not copy the hub's page tables: uvloop does, and everybody waits
16 ms for it.
"""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import anyio
import anyio.to_thread

PIPE_BYTES = 1 << 20
THREADS = anyio.CapacityLimiter(16)
"""Of pushes: a crowd of them, or a slow disk, must leave threads to those who read."""
_ENDING_SECONDS = 5


@dataclass(frozen=True, slots=True)
class GitProcess:
    stdin: asyncio.StreamWriter
    stdout: asyncio.StreamReader
    _child: "subprocess.Popen[bytes]"

    async def wait(self) -> None:
        """Until it has ended."""
        if self._child.poll() is not None:
            return
        loop, ended, handle = asyncio.get_running_loop(), asyncio.Event(), os.pidfd_open(self._child.pid)
        loop.add_reader(handle, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(handle)
            os.close(handle)
        self._child.wait()

    async def end(self) -> None:
        """One that is told to end takes its locks with it; one that is killed leaves them."""
        if self._child.poll() is None:
            self._child.terminate()
            with suppress(TimeoutError):
                async with asyncio.timeout(_ENDING_SECONDS):
                    await self.wait()
        self.kill()
        await self.wait()

    def kill(self) -> None:
        self._child.kill()


async def start_git(*argv: str, env: Mapping[str, str], pass_fds: tuple[int, ...] = ()) -> GitProcess:
    """`git ARGV`, with pipes for what goes in and comes out."""

    def start() -> "subprocess.Popen[bytes]":
        pipe = subprocess.PIPE
        return subprocess.Popen(("git", *argv), stdin=pipe, stdout=pipe, bufsize=0, env=env, pass_fds=pass_fds)

    child = await anyio.to_thread.run_sync(start, limiter=THREADS)
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader(limit=PIPE_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), child.stdout)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, child.stdin)
    return GitProcess(asyncio.StreamWriter(transport, protocol, None, loop), reader, child)


async def ask_git(*argv: str, env: Mapping[str, str]) -> bytes:
    """What `git ARGV` says, which is little."""

    def ask() -> bytes:
        return subprocess.run(("git", *argv), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env).stdout

    return await anyio.to_thread.run_sync(ask, limiter=THREADS)

"""Takes the picture of one app: a program of its own, run in the sandbox, where there is no network at all.

Chromium asks for any host here and is led to the proxy's socket, which knows our apps and nobody else. Needs nothing
but the standard library. Reads an order (JSON) from its input, writes the picture (WebP, base64) to its output.
"""

import asyncio
import fcntl
import itertools
import json
import os
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

LOAD_SECONDS, SETTLE_SECONDS = 20, 12
MEMORY_MB = 1536
WIDTH, HEIGHT, SCALE = 1280, 720, 0.5
_LOOK_AGAIN_SECONDS = 0.8
_REFUSED = 400
_CALM = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio",
    "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-quic", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--renderer-process-limit=2", "--js-flags=--max-old-space-size=384", "--ignore-certificate-errors",
    "--remote-debugging-pipe", "about:blank",
)  # fmt: skip


class NoPictureError(Exception):
    """Why there is none, in words for the builder's log."""


class Browser:
    """The DevTools protocol over two pipes: messages end with a zero byte."""

    def __init__(self, reader: asyncio.StreamReader, write: Callable[[bytes], object]) -> None:
        self._reader, self._write = reader, write
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self.session: str | None = None
        self.status = 0
        """Of the page itself."""
        self.loaded = asyncio.Event()

    async def listen(self) -> None:
        try:
            while raw := await self._reader.readuntil(b"\0"):
                message = json.loads(raw[:-1])
                if future := self._answers.pop(message.get("id", 0), None):
                    future.set_result(message)
                else:
                    self._note(message.get("method", ""), message.get("params", {}))
        except asyncio.IncompleteReadError:
            for future in self._answers.values():
                future.set_exception(NoPictureError("the browser ended by itself, or took too much memory"))

    def _note(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self.loaded.set()
            case "Page.javascriptDialogOpening":
                self._send("Page.handleJavaScriptDialog", accept=False)
            case "Network.responseReceived" if params.get("type") == "Document":
                self.status = self.status or params["response"]["status"]

    def _send(self, method: str, **params: object) -> int:
        number = next(self._numbers)
        where = {"sessionId": self.session} if self.session else {}
        self._write(json.dumps({"id": number, "method": method, "params": params, **where}).encode() + b"\0")
        return number

    async def ask(self, method: str, **params: object) -> dict[str, Any]:
        number = self._send(method, **params)
        self._answers[number] = asyncio.get_running_loop().create_future()
        answer = await self._answers[number]
        if "error" in answer:
            raise NoPictureError(f"{method}: {answer['error'].get('message')}")
        result: dict[str, Any] = answer["result"]
        return result


async def take(order: dict[str, Any]) -> str:
    """Raises NoPictureError or TimeoutError."""
    async with relaying(Path(order["socket"]), order["certificate"]) as port, browsing(order["browser"], port) as page:
        await page.ask("Network.enable")
        await page.ask("Page.enable")
        await page.ask(
            "Emulation.setDeviceMetricsOverride", width=WIDTH, height=HEIGHT, deviceScaleFactor=1, mobile=False
        )
        for cookie in order["cookies"]:
            await page.ask("Network.setCookie", **cookie, url=order["url"])
        await page.ask("Page.navigate", url=order["url"])
        with suppress(TimeoutError):  # an endless download is no reason to show nothing
            await asyncio.wait_for(page.loaded.wait(), LOAD_SECONDS)
        if not page.status or page.status >= _REFUSED:
            raise NoPictureError(f"the app answered with status {page.status}")
        return await settled(page)


async def settled(page: Browser) -> str:
    """Two pictures in a row that are alike; of what never rests, the last one."""
    ends = asyncio.get_running_loop().time() + SETTLE_SECONDS
    before = ""
    while True:
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        now = await picture(page)
        if before == now or asyncio.get_running_loop().time() > ends:
            return now
        before = now


async def picture(page: Browser) -> str:
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT, "scale": SCALE}
    shot = await page.ask("Page.captureScreenshot", format="webp", quality=80, clip=clip)
    return str(shot["data"])


@asynccontextmanager
async def relaying(socket: Path, certificate: str | None) -> AsyncIterator[int]:
    """A port of this sandbox's own that leads to the proxy; with a certificate, it speaks TLS."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_unix_connection(str(socket))
            await asyncio.gather(copy(reader, far_writer), copy(far_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while chunk := await reader.read(1 << 16):
            writer.write(chunk)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def browsing(program: str, port: int) -> AsyncIterator[Browser]:
    """A fresh page; the browser is gone afterwards."""
    child, ask, answer = start([program, f"--host-resolver-rules=MAP * 127.0.0.1:{port}", *_CALM])
    reader = asyncio.StreamReader(limit=1 << 24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(answer, "rb"))
    page = Browser(reader, lambda data: os.write(ask, data))
    tasks = [asyncio.create_task(page.listen()), asyncio.create_task(watch_memory(child))]
    try:
        target = await page.ask("Target.createTarget", url="about:blank")
        page.session = (await page.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True))["sessionId"]
        yield page
    finally:
        child.kill()
        for task in tasks:
            task.cancel()


def start(argv: list[str]) -> tuple["subprocess.Popen[bytes]", int, int]:
    """The browser, which reads descriptor 3 and writes descriptor 4, and our ends of these."""
    home = str(Path.cwd() / "profile")
    (asked, ask), (answer, answered) = os.pipe(), os.pipe()
    given = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (asked, answered)]
    child = subprocess.Popen(
        [*argv[:1], f"--user-data-dir={home}", *argv[1:]],
        pass_fds=(3, 4),
        preexec_fn=lambda: [os.dup2(end, at) for at, end in enumerate(given, 3)],  # noqa: PLW1509 - no thread runs here
        env={**os.environ, "HOME": home, "TMPDIR": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for end in (asked, answered, *given):
        os.close(end)
    return child, ask, answer


async def watch_memory(child: subprocess.Popen[bytes]) -> None:
    """Of all processes: the sandbox sees none but its own."""
    while child.poll() is None:
        pages = 0
        for statm in Path("/proc").glob("[0-9]*/statm"):
            with suppress(OSError):
                fields = statm.read_text().split()
                pages += int(fields[1]) - int(fields[2])
        if pages * os.sysconf("SC_PAGESIZE") > MEMORY_MB << 20:
            child.kill()
        await asyncio.sleep(0.5)


async def main() -> int:
    order = json.load(sys.stdin)
    try:
        async with asyncio.timeout(LOAD_SECONDS + SETTLE_SECONDS + 8):
            sys.stdout.write(await take(order))
    except (NoPictureError, TimeoutError, OSError, asyncio.IncompleteReadError) as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""An app whose queue of connections is full is busy, not dead: 190 of 500 WebSockets at once were sent away once."""

import asyncio
import socket
from pathlib import Path

import pytest
from support.echo_server import free_address
from support.eventually import eventually
from support.proxy import open_doors

from minispaces_runner.haproxy_routes import HaproxyRoutes
from minispaces_runner.routes import Target

pytestmark = pytest.mark.anyio
DEMO, PORT = "demo.apps.test", 7860
_SYN_SENT = "02"


def knocks_unheard(ip: str) -> bool:
    """Whether a connection to there is asked for and not answered."""
    wanted = socket.inet_aton(ip)[::-1].hex().upper() + f":{PORT:04X}"
    lines = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(line[2] == wanted and line[3] == _SYN_SENT for line in lines)


async def test_a_visitor_waits_for_an_app_whose_queue_is_full(settings, proxy):
    await open_doors(settings, DEMO)
    ip = free_address()
    await HaproxyRoutes(map_file=settings.routes_map, socket=settings.proxy_socket).put({DEMO: Target(ip, PORT, "d1")})
    with socket.create_server((ip, PORT), backlog=0) as app, socket.create_connection((ip, PORT)):
        app.settimeout(10)
        asking = asyncio.create_task(proxy.get(DEMO))
        await eventually(lambda: knocks_unheard(ip))
        app.accept()[0].close()
        answering, _ = await asyncio.to_thread(app.accept)
        answering.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbusy")
        assert (await asking).text == "busy"
        answering.close()

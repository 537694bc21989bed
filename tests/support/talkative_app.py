"""An app that repeats over a WebSocket what it hears, with its name before it."""

import asyncio
import os

from websockets.asyncio.server import ServerConnection, serve


async def repeat(websocket: ServerConnection) -> None:
    async for message in websocket:
        await websocket.send(f"{os.environ['NAME']} {message}")


async def main() -> None:
    ip, port = os.environ["ADDRESS"].rsplit(":", 1)
    async with serve(repeat, ip, int(port)) as server:
        await server.serve_forever()


asyncio.run(main())

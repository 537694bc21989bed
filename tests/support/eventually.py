"""Wait, in asynchronous tests, for what comes."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Poll `condition`, plain or awaitable, until it holds."""
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if await held if isinstance(held, Awaitable) else held:
                return
            await asyncio.sleep(0.01)

"""The SDK's endless, blocking streams, read from asynchronous code."""

from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Protocol, TypeVar

from anyio import CapacityLimiter, to_thread

_Item_co = TypeVar("_Item_co", covariant=True)


class ClosableStream(Protocol[_Item_co]):
    def __next__(self) -> _Item_co: ...

    def __iter__(self) -> Iterator[_Item_co]: ...

    def close(self) -> None: ...


async def read_stream(
    open_stream: Callable[[], ClosableStream[_Item_co]], limiter: CapacityLimiter
) -> AsyncGenerator[_Item_co, None]:
    """Items until the stream ends. A thread waits for the next one; closing the stream sets it free."""
    stream = await to_thread.run_sync(open_stream, limiter=limiter)
    try:
        while (
            item := await to_thread.run_sync(next, stream, None, limiter=limiter, abandon_on_cancel=True)
        ) is not None:
            yield item
    finally:
        stream.close()

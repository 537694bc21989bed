"""A lease from the runner: a connection that is held open. Closing it, or dying, gives the GPU back."""

import asyncio
import contextlib
import contextvars
import ctypes
import functools
import inspect
import json
import os
import socket
import sys
import threading

DOOR = "MINISPACES_GPU_DOOR"
_SECONDS = 60
_END = object()
_AWAY = "The GPU's door does not answer; try again in a moment."
_holding = contextvars.ContextVar("minispaces_gpu", default=False)


class GPUError(RuntimeError):
    """No GPU could be had, or it was held for too long."""


def GPU(task=None, *, duration=_SECONDS, size=None, vram=None):  # noqa: N802, ARG001 - the field's own names
    """`@spaces.GPU`, `@spaces.GPU()` and `@spaces.GPU(duration=...)`, a number of seconds or a function of the call's
    arguments. Functions, generators, and both asynchronous. Without a shared GPU it is a plain call.
    """
    if task is None:
        return functools.partial(GPU, duration=duration)
    _introduce()
    for kind, wrap in _WRAPPERS:
        if kind(task):
            return wrap(task, duration)
    return _function(task, duration)


@functools.lru_cache(maxsize=None)
def _introduce():
    """Once: from now on this app takes its turns by the call, and not by the request."""
    if DOOR in os.environ:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as door:
            door.settimeout(1)
            door.connect(os.environ[DOOR])
            door.sendall(b'{"hello": true}\n')


def _function(task, duration):
    @functools.wraps(task)
    def call(*args, **kwargs):
        with _lease(_seconds(duration, args, kwargs)), _marked():
            return task(*args, **kwargs)

    return call


def _generator(task, duration):
    @functools.wraps(task)
    def call(*args, **kwargs):
        with _lease(_seconds(duration, args, kwargs)), contextlib.closing(task(*args, **kwargs)) as steps:
            while True:
                with _marked():
                    each = next(steps, _END)
                if each is _END:
                    return
                yield each

    return call


def _coroutine(task, duration):
    @functools.wraps(task)
    async def call(*args, **kwargs):
        async with _lease_async(_seconds(duration, args, kwargs)):
            with _marked():
                return await task(*args, **kwargs)

    return call


def _async_generator(task, duration):
    @functools.wraps(task)
    async def call(*args, **kwargs):
        steps = task(*args, **kwargs)
        try:
            async with _lease_async(_seconds(duration, args, kwargs)):
                while True:
                    with _marked():
                        try:
                            each = await steps.__anext__()
                        except StopAsyncIteration:
                            return
                    yield each
        finally:
            await steps.aclose()

    return call


@contextlib.contextmanager
def _marked():
    """Around each step and not around the whole: a generator may go on, or be dropped, in another thread."""
    token = _holding.set(True)
    try:
        yield
    finally:
        _holding.reset(token)


_WRAPPERS = (
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
)


def _seconds(duration, args, kwargs):
    return float(duration(*args, **kwargs) if callable(duration) else (duration or _SECONDS))


@contextlib.contextmanager
def _lease(seconds):
    """A call within a call has the GPU already. Held too long, the call ends with GPUError where Python can end it."""
    if DOOR not in os.environ or _holding.get():
        yield
        return
    door = _open(seconds)
    ended = threading.Event()
    worker = threading.get_ident()
    try:
        lines = door.makefile("r", encoding="utf-8")
        _await_grant(lines)
        threading.Thread(target=_end_late_work, args=(lines, ended, worker), daemon=True).start()
        yield
    finally:
        ended.set()
        _close(door)


@contextlib.asynccontextmanager
async def _lease_async(seconds):
    if DOOR not in os.environ or _holding.get():
        yield
        return
    try:
        reader, writer = await asyncio.open_unix_connection(os.environ[DOOR])
    except OSError as error:
        raise _error(_AWAY) from error
    late = None
    try:
        writer.write(_ask(seconds))
        while not _is_granted(await reader.readline()):
            pass
        late = asyncio.ensure_future(_cancel_late_work(reader, asyncio.current_task()))
        yield
    finally:
        if late:
            late.cancel()
        writer.close()


def _open(seconds):
    door = socket.socket(socket.AF_UNIX)
    try:
        door.connect(os.environ[DOOR])
        door.sendall(_ask(seconds))
    except OSError as error:
        door.close()
        raise _error(_AWAY) from error
    return door


def _close(door):
    with contextlib.suppress(OSError):
        door.shutdown(socket.SHUT_RDWR)
    door.close()


def _ask(seconds):
    return json.dumps({"seconds": seconds}).encode() + b"\n"


def _await_grant(lines):
    for line in lines:
        if _is_granted(line):
            return
    raise _error(_AWAY)


def _is_granted(line):
    if not line:
        raise _error(_AWAY)
    said = json.loads(line)
    if "refused" in said:
        raise _error(said["refused"])
    if "position" in said:
        _tell(f"Waits for a GPU: number {said['position']} in the queue, about {said['seconds']:.0f} s")
    return "granted" in said


def _end_late_work(lines, ended, worker):
    with contextlib.suppress(OSError, ValueError):
        for line in lines:
            if "taken" in json.loads(line) and not ended.is_set():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker), ctypes.py_object(GPUError))


async def _cancel_late_work(reader, task):
    while line := await reader.readline():
        if "taken" in json.loads(line):
            task.cancel()


def _tell(words):
    """To whoever looks at a Gradio app; anywhere else nobody asks."""
    with contextlib.suppress(Exception):
        if "gradio" in sys.modules:
            sys.modules["gradio"].Info(words)


def _error(words):
    """Gradio shows its own error's words to the visitor; other errors are one word to it."""
    gradio = sys.modules.get("gradio")
    return gradio.Error(words) if gradio is not None and hasattr(gradio, "Error") else GPUError(words)

"""Ending an app, and taking away everything that was made for it, however it came to its end."""

import signal
from contextlib import suppress
from pathlib import Path

from minispaces_runner.engine import Exit
from minispaces_runner.process import veth
from minispaces_runner.process.cgroups import Cgroups
from minispaces_runner.process.folder import Folder, Started
from minispaces_runner.process.identity import ProcessIdentity, boot_id, children, identify
from minispaces_runner.process.relay import close_relay
from minispaces_runner.process.scratch import give_up_home

_SIGNALLED = 128
"""Sandboxes and shells alike report a signal as 128 plus its number."""
_SECONDS = 5


def how_it_ended(started: Started, folder: Folder, *, cgroups: Cgroups | None) -> Exit | None:
    """None while it runs. An `Exit` that says nothing stands for an end that nobody saw.

    An app whose relay is gone cannot be reached any more, which is an end as well.
    """
    if started.boot_id != boot_id() or (started.relay and not started.relay.is_alive()):
        return Exit()
    if not started.sandbox.is_alive() or "exit-code" in folder.reported():
        code = folder.reported().get("exit-code")
        if code is None and started.init.is_alive():
            return None
        return decode_exit(code, out_of_memory=bool(cgroups and cgroups.killed_for_memory(started.deployment_id)))
    return None


def decode_exit(code: int | None, *, out_of_memory: bool) -> Exit:
    """What a reported code says. Memory is only to blame for an end that is not a success."""
    if code is None:
        return Exit(out_of_memory=out_of_memory)
    if _SIGNALLED < code <= _SIGNALLED + signal.SIGRTMAX:
        return Exit(signal=code - _SIGNALLED, out_of_memory=out_of_memory)
    return Exit(code=code, out_of_memory=out_of_memory and code != 0)


def take_down(folder: Folder, *, cgroups: Cgroups | None, grace: float) -> None:
    """End the app, first by asking it, and remove all that was its own. Fine when it is gone already."""
    started = folder.read_state()
    if cgroups:
        cgroups.thaw(folder.path.name)  # a frozen app hears no signal
    if started is None:
        _kill_half_started(folder)
    elif started.boot_id == boot_id():
        _end_processes(started, grace)
    if cgroups:
        cgroups.remove(folder.path.name)
    if started and started.interface:
        veth.disconnect(started.interface)
    give_up_home(folder)
    folder.remove()


def _end_processes(started: Started, grace: float) -> None:
    if started.init.is_alive() and grace > 0:
        for child in children(started.init.pid):
            child.send(signal.SIGTERM)
        started.sandbox.wait(grace)
    started.init.send(signal.SIGKILL)
    if not started.sandbox.wait(_SECONDS):
        started.sandbox.send(signal.SIGKILL)
        started.sandbox.wait(_SECONDS)
    if started.relay:
        close_relay(started.relay)


def _kill_half_started(folder: Folder) -> None:
    """The sandbox wrote its child's pid; that the child's output is this folder's log proves that it is ours."""
    pid = folder.reported().get("child-pid")
    child = identify(pid) if isinstance(pid, int) else None
    if child and _output_of(child) in {str(folder.log), f"{folder.log} (deleted)"}:
        child.send(signal.SIGKILL)
        child.wait(_SECONDS)


def _output_of(process: ProcessIdentity) -> str:
    with suppress(OSError):
        return str(Path(f"/proc/{process.pid}/fd/1").readlink())
    return ""

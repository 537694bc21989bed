"""A cable between the machine and an app's own network namespace."""

import ctypes
import errno
import os
import threading
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

import pyroute2
import structlog
from pyroute2.netlink.exceptions import NetlinkError

from minispaces_runner.engine import EngineError

_CLONE_NEWNET = 0x4000_0000
_INSIDE = "eth0"
_log = structlog.get_logger()


def connect(pid: int, interface: str, *, subnet: IPv4Network, mtu: int) -> IPv4Address | None:
    """Lay the cable into the namespace of process `pid`; returns the app's address there, None if the name is taken.

    Our end has the network's first address and is the app's way out. Raises EngineError.
    """
    try:
        return _lay(pid, interface, subnet=subnet, mtu=mtu)
    except (NetlinkError, OSError) as error:
        if getattr(error, "code", None) == errno.EEXIST:
            return None
        _log.error("cable_failed", interface=interface, reason=str(error))
        disconnect(interface)
        raise EngineError("This app's network could not be made; the runner's log says why.") from None


def _lay(pid: int, interface: str, *, subnet: IPv4Network, mtu: int) -> IPv4Address:
    gateway, app = subnet[1], subnet[2]
    with _netlink() as netlink:
        netlink.link(
            "add", ifname=interface, kind="veth", mtu=mtu, peer={"ifname": _INSIDE, "net_ns_pid": pid, "mtu": mtu}
        )
        _raise_up(netlink, interface, gateway, subnet.prefixlen)
    _inside_namespace(pid, app, gateway, subnet.prefixlen)
    return app


def disconnect(interface: str) -> None:
    """Fine when it is gone: a cable goes with its namespace."""
    if not Path("/sys/class/net", interface).exists():
        return
    with _netlink() as netlink:
        try:
            for index in netlink.link_lookup(ifname=interface):
                netlink.link("del", index=index)
        except NetlinkError:
            if Path("/sys/class/net", interface).exists():
                raise


def cables(prefix: str) -> list[str]:
    return sorted(each.name for each in Path("/sys/class/net").iterdir() if each.name.startswith(prefix))


def _inside_namespace(pid: int, address: IPv4Address, gateway: IPv4Address, length: int) -> None:
    """In a thread that ends with it, because a thread that has entered a namespace is of no other use."""
    failures: list[BaseException] = []

    def configure() -> None:
        try:
            _enter_network(pid)
            with _netlink() as netlink:
                _raise_up(netlink, _INSIDE, address, length)
                netlink.route("add", dst="default", gateway=str(gateway))
        except BaseException as error:  # noqa: BLE001  handed over to the caller's thread
            failures.append(error)

    thread = threading.Thread(target=configure)
    thread.start()
    thread.join()
    for failure in failures:
        raise failure


def _enter_network(pid: int) -> None:
    """`os.setns` comes with Python 3.12."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        if libc.setns(handle, _CLONE_NEWNET):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
    finally:
        os.close(handle)


def _raise_up(netlink: Any, interface: str, address: IPv4Address, length: int) -> None:
    index = netlink.link_lookup(ifname=interface)[0]
    netlink.addr("add", index=index, address=str(address), prefixlen=length)
    netlink.link("set", index=index, state="up")


def _netlink() -> Any:
    """Any, because the library makes its methods at run time."""
    return vars(pyroute2)["IPRoute"]()

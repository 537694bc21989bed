from ipaddress import IPv4Address, IPv4Network
from itertools import islice
from pathlib import Path

import pytest

from minispaces_runner.addresses import free_subnets, parse_routes
from minispaces_runner.engine import EngineError
from minispaces_runner.firewall import Firewall
from minispaces_runner.installation import Installation, installation_of
from minispaces_runner.resolvers import parse_resolvers

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t0000C90A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0
"""


def test_routes_are_read_in_the_machines_byte_order():
    assert parse_routes(ROUTES) == [
        ("eth0", IPv4Network("0.0.0.0/0")),
        ("docker0", IPv4Network("10.201.0.0/28")),
    ]


def test_a_subnet_is_free_when_nothing_routed_overlaps_it():
    taken = [IPv4Network("10.201.0.0/28"), IPv4Network("10.201.0.32/30")]
    found = free_subnets("10.201.0.0/24", taken, first=0)
    assert [index for index, _network in islice(found, 3)] == [1, 3, 4]


def test_the_search_begins_anywhere_and_goes_around_once():
    found = free_subnets("10.201.0.0/26", [], first=0xFFFF)
    assert [next(found)[0] for _ in range(4)] == [3, 0, 1, 2]
    with pytest.raises(EngineError, match="MINISPACES_APP_SUBNET"):
        next(found)


def test_installations_with_different_data_never_share_a_name():
    one, two = installation_of(Path("/srv/one")), installation_of(Path("/srv/two"))
    assert {one.table, one.interface_prefix, one.cgroup} & {two.table, two.interface_prefix, two.cgroup} == set()
    assert len(one.interface(4095)) <= 15


def test_local_stubs_are_no_resolvers_for_apps():
    text = "# made\nnameserver 127.0.0.53\nnameserver ::1\nsearch lan\nnameserver 10.0.0.1\nnameserver 8.8.8.8\n"
    assert parse_resolvers(text) == [IPv4Address("10.0.0.1"), IPv4Address("8.8.8.8")]


def test_the_machines_own_networks_are_refused_and_no_two_ranges_overlap():
    local = (IPv4Network("203.0.113.0/24"), IPv4Network("192.168.7.0/24"))
    firewall = Firewall(Installation("abcd"), "10.201.0.0/16", (IPv4Address("10.0.0.1"),), local, "eth0", 8080)
    refused = next(line for line in firewall.rules().splitlines() if "169.254" in line)
    assert "203.0.113.0/24" in refused
    assert "192.168.7.0/24" not in refused

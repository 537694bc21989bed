"""Browsers beside apps: an app that starts brings a network interface, and Chromium drops what it is connecting to."""

import socketserver
import subprocess
import threading

import pytest
from playwright.sync_api import Browser, Error

pytestmark = [pytest.mark.browser, pytest.mark.root]


class NetworkComesAndGoes(socketserver.BaseRequestHandler):
    """Where a TLS handshake is awaited, the machine gets an address and loses it."""

    def handle(self) -> None:
        name = f"msp-t{self.server.server_address[1]}"
        for words in (f"link add {name} type veth", f"addr add 192.0.2.1/30 dev {name}", f"link set {name} up"):
            subprocess.run(["ip", *words.split()], check=True)
        subprocess.run(["ip", "link", "del", name], check=True)
        self.request.recv(1 << 20)
        self.request.recv(1)


def test_a_network_that_comes_and_goes_drops_no_page(chromium: Browser) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), NetworkComesAndGoes) as server:
        threading.Thread(target=server.serve_forever).start()
        page = chromium.new_page()
        with pytest.raises(Error, match="Timeout"):  # and no ERR_NETWORK_CHANGED
            page.goto(f"https://hub.test:{server.server_address[1]}/", timeout=2_000)
        page.close()
        server.shutdown()

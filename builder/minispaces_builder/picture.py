"""Pictures of apps that went live: which browser, in which sandbox, for how long."""

import base64
import binascii
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from minispaces_builder import camera
from minispaces_builder.errors import BuildError
from minispaces_builder.sandbox import View, give_to_sandbox, sandbox_argv
from minispaces_builder.settings import BuilderSettings
from minispaces_builder.work import Work
from minispaces_contract.browser import find_browser
from minispaces_contract.client import BuilderDoor
from minispaces_contract.messages import PictureOrder

_MINUTES = 0.75
_MAX_BYTES = 1 << 20
_NEEDED = ("/etc/fonts", "/etc/chromium", "/etc/chromium.d")
_COOKIES = {"http": "minispaces_app", "https": "__Host-minispaces-app"}

log = structlog.get_logger()


def take_and_keep(door: BuilderDoor, deployment_id: str, settings: BuilderSettings) -> None:
    """Raises `httpx2.HTTPError` while the platform is away."""
    if find_browser(settings.browser) is None:
        return
    order = door.picture_order(deployment_id)
    if order and (picture := take_picture(order, settings)):
        door.keep_picture(deployment_id, picture)


def take_picture(order: PictureOrder, settings: BuilderSettings) -> bytes | None:
    """WebP; None where there is no browser, or nothing to be seen in time."""
    browser = find_browser(settings.browser)
    if browser is None or not settings.apps_socket.exists():
        return None
    with tempfile.TemporaryDirectory(prefix="picture-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        give_to_sandbox(scratch)
        give_to_sandbox(scratch / "profile")
        certificate = _certificate(scratch) if order.url.startswith("https:") else None
        wish = _wish(order, browser, settings.apps_socket.absolute(), certificate)
        try:
            done = Work(minutes=_MINUTES).run(_argv(browser, scratch, settings), stdin=json.dumps(wish))
        except BuildError:
            log.warning("no_picture", url=order.url, reason="it took too long")
            return None
    if done.code:
        log.warning("no_picture", url=order.url, reason=done.err[-300:].strip())
    return _decoded(done.out) if done.code == 0 else None


def _argv(browser: Path, scratch: Path, settings: BuilderSettings) -> list[str]:
    """Its own network namespace has nothing but the loopback device."""
    python = Path(sys.executable).resolve()
    shown = [Path(camera.__file__), settings.apps_socket.absolute(), Path(sys.base_prefix), browser.resolve().parent]
    shown += [Path(path) for path in _NEEDED if Path(path).exists()]
    readable = tuple(path for path in shown if not path.is_relative_to("/usr"))
    argv = [str(python), "-I", camera.__file__]
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    inside = sandbox_argv(argv, View(writable=(scratch,), readable=readable), env=env, cwd=scratch)
    return [inside[0], "--unshare-net", *inside[1:]]


def _wish(order: PictureOrder, browser: Path, socket: Path, certificate: Path | None) -> dict[str, object]:
    scheme = order.url.partition(":")[0]
    cookie = {"name": _COOKIES[scheme], "value": order.cookie, "path": "/", "secure": scheme == "https"}
    return {
        "url": order.url,
        "cookies": [cookie | {"httpOnly": True, "sameSite": "Lax"}] if order.cookie else [],
        "browser": str(browser),
        "socket": str(socket),
        "certificate": str(certificate) if certificate else None,
    }


def _certificate(folder: Path) -> Path:
    """Good for nobody but the browser beside it: it only makes the address an https one."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    today = datetime.now(UTC)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), today, today + timedelta(1)
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(pem))
    give_to_sandbox(file)
    return file


def _decoded(out: str) -> bytes | None:
    try:
        picture = base64.b64decode(out.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    return picture if 0 < len(picture) <= _MAX_BYTES and picture[:4] == b"RIFF" and picture[8:12] == b"WEBP" else None

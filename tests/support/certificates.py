"""Certificates of an authority that only the tests know."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAMES = ("hub.test", "*.apps.test", "hub.mini.test", "*.apps.mini.test")


def issue_certificates(folder: Path) -> None:
    """`ca.pem` to trust, and `edge.pem` with its key for the proxy."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority for tests")])
    root = _certificate(authority, authority, authority_key.public_key(), signed_by=authority_key, ca=True)
    leaf = _certificate(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hub.test")]),
        authority,
        key.public_key(),
        signed_by=authority_key,
        ca=False,
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (folder / "edge.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + private)


def _certificate(subject, issuer, public_key, *, signed_by, ca):
    moment = datetime.now(UTC)
    names = [x509.DNSName(name) for name in NAMES]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - timedelta(hours=1))
        .not_valid_after(moment + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False)
        .sign(signed_by, hashes.SHA256())
    )

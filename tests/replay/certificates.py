"""A certificate authority for the length of a test, and what it signs."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = datetime.timedelta(days=1)


def certificates(folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """The file of an authority, and one with a key and a certificate that it signed for a name."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _named("authority of a test")
    authority_file, server_file = folder / "authority.pem", folder / "server.pem"
    certificate = _certificate(authority, authority, authority_key.public_key(), ca=True)
    signed = certificate.sign(authority_key, hashes.SHA256())
    authority_file.write_bytes(signed.public_bytes(Encoding.PEM))
    key = ec.generate_private_key(ec.SECP256R1())
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        alternative = x509.DNSName(name)
    of_server = (
        _certificate(_named(name), authority, key.public_key(), ca=False)
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    server_file.write_bytes(private + of_server.public_bytes(Encoding.PEM))
    return authority_file, server_file


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )

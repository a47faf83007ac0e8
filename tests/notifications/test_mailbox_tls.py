"""The mailbox over TLS: its certificate is checked before a password is sent."""

import datetime
import imaplib
import ipaddress
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notifications import mailbox
from tests.servers.running import free_port, wait_for_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain_port():
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--no-tls", "dict", "--demo-data"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def tls(tmp_path, plain_port, settings):
    """A door with TLS before the mailbox; `.certificate` is the file to trust, `.said` what clients said in the clear of the tunnel."""
    certificate = made_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    said, listener = [], socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, context, plain_port, said), daemon=True).start()
    settings.INBOX_URL = f"imaps://demouser:demopass@127.0.0.1:{listener.getsockname()[1]}/INBOX"
    yield certificate, said
    listener.close()


def made_certificate(folder):
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mailbox of a test")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
    certificate = builder.add_extension(names, False).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


def serve(listener, context, port, said):
    while True:
        try:
            line, _address = listener.accept()
        except OSError:
            return
        threading.Thread(target=carry, args=(line, context, port, said), daemon=True).start()


def carry(line, context, port, said):
    try:
        client = context.wrap_socket(line, server_side=True)
    except OSError:
        return
    server = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=pump, args=(server, client, []), daemon=True).start()
    pump(client, server, said)


def pump(source, target, said):
    try:
        while data := source.recv(4096):
            said.append(data)
            target.sendall(data)
    except OSError:
        pass
    finally:
        target.close()


def test_a_certificate_that_is_trusted_opens_the_mailbox(tls, monkeypatch):
    certificate, said = tls
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert mailbox.read() == 0
    assert b"demopass" in b"".join(said)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_stranger_in_the_way_gets_no_password(tls, settings, monkeypatch, host):
    """By a certificate nobody vouches for, and by one of another name."""
    certificate, said = tls
    settings.INBOX_URL = settings.INBOX_URL.replace("127.0.0.1", host)
    if host == "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises((OSError, imaplib.IMAP4.error)) as refused:
        mailbox.read()
    assert "CERTIFICATE_VERIFY_FAILED" in str(refused.value)
    assert said == []

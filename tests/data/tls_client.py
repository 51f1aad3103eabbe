#!/usr/bin/env python3
"""tls_client.py SOCKET - a TLS client that is told what to do, for tests/unit/tls_*_test.c

Each line of standard input is a list of options: the client connects to SOCKET, sends "hello", reads until the server says goodbye,
and tells on standard output, one line a connection: VERSION CIPHER PROTOCOL RESUMED SUBJECT BYTES, or "refused: REASON"; then ".".
With `twice` a second connection follows, which brings the session of the first one along.

  ca=FILE       whom to trust (default: nobody is asked)       sni=NAME    server name to send, and to check with ca=
  max=1.2       newest version                                 ciphers=L   of TLS 1.2
  alpn=A,B      protocols to offer                             drip        one byte a send
  group=NAME    the one key exchange group to offer           split       "hello" as two records in one send
"""
import socket
import ssl
import sys

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Stream:
    """TLS over a socket through memory, so that how bytes are cut is ours to say."""

    def __init__(self, context, sock, name, session, is_drip):
        self.sock, self.is_drip = sock, is_drip
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inward, self.outward, server_hostname=name, session=session)

    def send(self):
        data = self.outward.read()
        step = 1 if self.is_drip else max(len(data), 1)
        for at in range(0, len(data), step):
            self.sock.sendall(data[at:at + step])

    def run(self, call, *args):
        while True:
            try:
                result = call(*args)
                self.send()
                return result
            except ssl.SSLWantReadError:
                self.send()
                data = self.sock.recv(65536)
                if data:
                    self.inward.write(data)
                else:
                    self.inward.write_eof()
            except ssl.SSLError:
                self.send()
                raise


def talk(context, path, options, session):
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(path)
    try:
        return converse(context, sock, options, session)
    except ssl.SSLError as error:
        print("refused:", error.reason or error)
    except OSError as error:
        print("refused:", error)
    finally:
        sock.close()
    return None


def converse(context, sock, options, session):
    stream = Stream(context, sock, options.get("sni"), session, "drip" in options)
    stream.run(stream.tls.do_handshake)
    if "split" in options:
        stream.tls.write(b"he")
        stream.run(stream.tls.write, b"llo")
    else:
        stream.run(stream.tls.write, b"hello")
    total = 0
    while True:
        try:
            data = stream.run(stream.tls.read, 65536)
        except ssl.SSLZeroReturnError:
            break
        if not data:
            break
        assert data == b"r" * len(data), "other bytes than the server sent"
        total += len(data)
    stream.send()
    tls = stream.tls
    subject = dict(part[0] for part in tls.getpeercert()["subject"])["commonName"] if "ca" in options else "-"
    print(tls.version(), tls.cipher()[0], tls.selected_alpn_protocol() or "-", "resumed" if tls.session_reused else "full",
          subject.replace(" ", "_"), total)
    return tls.session


def follow(path, line):
    options = dict((word.partition("=")[0], word.partition("=")[2]) for word in line.split())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = "ca" in options and "sni" in options
    context.verify_mode = ssl.CERT_REQUIRED if "ca" in options else ssl.CERT_NONE
    if "ca" in options:
        context.load_verify_locations(options["ca"])
    if "max" in options:
        context.maximum_version = VERSIONS[options["max"]]
    if "ciphers" in options:
        context.set_ciphers(options["ciphers"])
    if "group" in options:
        context.set_ecdh_curve(options["group"])
    if "alpn" in options:
        context.set_alpn_protocols(options["alpn"].split(","))
    session = talk(context, path, options, None)
    if "twice" in options:
        talk(context, path, options, session)
    print(".", flush=True)


for told in sys.stdin:
    follow(sys.argv[1], told)

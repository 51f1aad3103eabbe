"""What the tests of the edge's worker share: TAP rows, opencode's stand-in, the rig that plays the keeper, a client that speaks raw HTTP."""
import atexit
import base64
import hashlib
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
AUTH = "Authorization: Basic " + base64.b64encode(b"user:right").decode()
PATIENCE = 20
rows = []
children = []


@atexit.register
def leave(*_):
    """However the test ends, nothing of it stays: a worker ends with its rig."""
    for child in children:
        child.kill()


signal.signal(signal.SIGTERM, lambda *_: (leave(), os._exit(1)))


def start(words, **kw):
    child = subprocess.Popen(words, stdout=subprocess.PIPE, **kw)
    children.append(child)
    return child


def row(name):
    def add(f):
        rows.append((name, f))
        return f
    return add


def run(*args):
    """Every row in its order; the status for sys.exit."""
    bad = 0
    for name, f in rows:
        try:
            f(*args)
            print("ok - %s" % name, flush=True)
        except Exception as e:
            bad += 1
            where = traceback.extract_tb(e.__traceback__)[-1]
            print("not ok - %s: %s:%d: %s %s" % (name, os.path.basename(where.filename), where.lineno, type(e).__name__, str(e).replace("\n", "|")[:400]), flush=True)
    print("1..%d" % len(rows))
    return 1 if bad else 0


def same(got, want):
    assert got == want, "is %r, want %r" % (got, want)


def holds(text, part):
    assert part in text, "is %r, want it to hold %r" % (text, part)


def until(f, patience=PATIENCE, every=0.005):
    due = time.monotonic() + patience
    while time.monotonic() < due:
        if f():
            return
        time.sleep(every)
    raise AssertionError("it did not come about")


def tls_context(version=None):
    """A client's, which takes any certificate."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_NONE
    if version:
        c.minimum_version = c.maximum_version = version
    return c


class Back:
    def __init__(self, port=0, auth="Basic aW5uZXI6c2VjcmV0"):
        """auth: the field Authorization with which it is healthy, "" for none."""
        self.child = start([sys.executable, os.path.join(HERE, "back.py"), str(port), auth], text=True)
        self.port = int(self.child.stdout.readline().split()[1])

    def kill(self):
        self.child.kill()
        self.child.wait()

    def restart(self):
        self.kill()
        self.__init__(self.port)


class Rig:
    def __init__(self, back_port, **settings):
        words = ["%s=%s" % s for s in settings.items()]
        self.child = start([os.environ["EDGE_RIG"], os.environ["OCC"], str(back_port)] + words, stdin=subprocess.PIPE, bufsize=0)
        self.kept = b""
        self.lines = []
        self.tls = int(self.expect("tls ").split()[1])
        self.port = int(self.expect("plain ").split()[1])
        self.redirect = int(self.expect("redirect ").split()[1])
        self.pid = int(self.expect("pid ").split()[1])
        same(self.expect("serving "), "serving ok")

    def order(self, line):
        self.child.stdin.write(line.encode() + b"\n")

    def tell(self, line):
        """An order that the worker has heard when this returns: orders are taken in their order."""
        self.order(line)
        self.facts()

    def expect(self, prefix):
        """The next line that begins so; those before it are passed over."""
        due = time.monotonic() + PATIENCE
        while True:
            while b"\n" in self.kept:
                line, self.kept = self.kept.split(b"\n", 1)
                line = line.decode()
                self.lines.append(line)
                if line.startswith(prefix):
                    return line
            if not select.select([self.child.stdout], [], [], max(0, due - time.monotonic()))[0]:
                raise AssertionError("no line %r; had %r" % (prefix, self.lines))
            data = os.read(self.child.stdout.fileno(), 65536)
            if not data:
                raise AssertionError("the rig has ended; had %r" % self.lines)
            self.kept += data

    def facts(self):
        self.order("status")
        return {k: int(v) for k, v in (p.split("=") for p in self.expect("facts ").split()[1:])}

    def logged(self):
        """The next line of the access log; log=json."""
        return json.loads(self.expect("{"))

    def end(self, ms=2000):
        self.order("end %d" % ms)
        line = self.expect("ended ")
        self.child.wait()
        return line


class Answer:
    pass


class Client:
    """One connection, through TLS if a context is given. Asking and reading are apart, so that rows can do things in any order."""
    def __init__(self, port, tls=None, room=None):
        """room: bytes that the system keeps for it; the next ones wait at the edge."""
        self.sock = socket.socket()
        self.sock.settimeout(PATIENCE)
        if room:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.sock.connect(("127.0.0.1", port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname="edge.example")
        self.stream = self.sock.makefile("rb")

    def raw(self, data):
        self.sock.sendall(data)

    def ask(self, target, *fields, method="GET", body=b"", auth=True, host="edge.example"):
        lines = ["%s %s HTTP/1.1" % (method, target), "Host: " + host] + ([AUTH] if auth else []) + list(fields)
        self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def head(self):
        a = Answer()
        line = self.stream.readline()
        if not line:
            raise AssertionError("the connection was closed instead of an answer")
        a.status = int(line.split()[1])
        a.fields = {}
        while True:
            line = self.stream.readline().decode("latin1").rstrip("\r\n")
            if not line:
                return a
            name, _, value = line.partition(":")
            a.fields[name.lower()] = value.strip()

    def chunk(self):
        size = int(self.stream.readline().strip(), 16)
        data = self.stream.read(size)
        self.stream.readline()
        return data

    def answer(self, is_head=False):
        a = self.head()
        a.body = b""
        if is_head or a.status in (204, 304):
            return a
        if a.fields.get("transfer-encoding") == "chunked":
            while True:
                data = self.chunk()
                if not data:
                    break
                a.body += data
        elif "content-length" in a.fields:
            a.body = self.stream.read(int(a.fields["content-length"]))
        else:
            a.body = self.stream.read()
        return a

    def get(self, target, *fields, **kw):
        self.ask(target, *fields, **kw)
        return self.answer(is_head=kw.get("method") == "HEAD")

    def echo(self, target, *fields, **kw):
        a = self.get(target, *fields, **kw)
        same(a.status, 200)
        return json.loads(a.body)

    def sip(self, n):
        """At most so many bytes, and none when the connection is cut."""
        try:
            self.sock.recv(n)
        except OSError:
            pass

    def is_closed(self):
        try:
            return self.stream.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.stream.close()
        self.sock.close()


class WebSocket(Client):
    def __init__(self, port, path="/ws"):
        super().__init__(port)
        key = base64.b64encode(os.urandom(16))
        self.raw(b"GET %s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n\r\n"
                 % (path.encode(), key, AUTH.encode()))
        self.opened = self.head()
        self.accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()

    def frame(self, op, data):
        mask = os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        self.raw(bytes([0x80 | op]) + size + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def read(self):
        head = self.stream.read(2)
        if len(head) < 2:
            return None, b""
        n = head[1]
        if n == 126:
            n = int.from_bytes(self.stream.read(2), "big")
        return head[0] & 15, self.stream.read(n)

    def heard(self):
        """The next frame that is no ping."""
        op, data = self.read()
        while op == 9:
            op, data = self.read()
        return op, data

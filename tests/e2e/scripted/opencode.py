"""opencode.py - what the scripted engine runs for the service's image: as much of opencode as the program looks at

It begins as an opencode does that must not be run on newer data: each start adds its version as a line to "sessions", a newer version changes what it finds,
and an older one ends at once on what a newer one has left. That, and two on one home, must never come about: it is noted in the files NEWER and TWICE of
the directory OPENCODE_NOTES.
"""
import base64
import fcntl
import os
import socket
import sys

VERSION = os.environ["OPENCODE_VERSION"]
HOME = os.environ["OPENCODE_HOME"]
DATA = os.path.join(HOME, ".local/share/opencode")
SAYS = VERSION if VERSION != "1.18.34" else "1.18.99"        # one that is no good
PAGE = b"<!doctype html><html><body>opencode</body></html>"
IDLE_S = 5          # a connection that says nothing keeps nobody waiting longer


def order_of(version):
    return [int(n) for n in version.split(".")]


def wrong(what, text):
    with open(os.path.join(os.environ["OPENCODE_NOTES"], what), "a", encoding="utf-8") as f:
        f.write(text + "\n")
    sys.exit(text)


def secrets():
    try:
        with open(os.environ["OPENCODE_SECRET"], encoding="utf-8") as f:
            return dict(line.split("=", 1) for line in f.read().splitlines() if line)
    except FileNotFoundError:
        sys.exit(78)


def take_home():
    lock = os.open(os.path.join(HOME, ".serving"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        wrong("TWICE", "two servers on " + HOME)


def take_data():
    os.makedirs(DATA, exist_ok=True)
    sessions = os.path.join(DATA, "sessions")
    with open(sessions, "a+", encoding="utf-8") as f:
        f.seek(0)
        before = [order_of(line) for line in f.read().split()]
        if any(v > order_of(VERSION) for v in before):
            wrong("NEWER", "opencode %s was started on data of a newer version" % VERSION)
        if before and max(before) < order_of(VERSION):
            migrate()
        f.write(VERSION + "\n")


def migrate():
    with open(os.path.join(DATA, "opencode.db"), "a", encoding="utf-8") as f:
        f.write("as %s has it\n" % VERSION)
    legacy = os.path.join(DATA, "legacy")
    if os.path.exists(legacy):
        os.unlink(legacy)
    os.makedirs(os.path.join(DATA, "migrated", VERSION), exist_ok=True)


def answer_to(head, allowed):
    lines = head.split("\r\n")
    path = lines[0].split(" ")[1].split("?")[0]
    if "Authorization: " + allowed not in lines:
        return 401, "text/plain", b"Unauthorized"
    if path == "/global/health":
        return 200, "application/json", b'{"healthy":true,"version":"%s"}' % SAYS.encode()
    if path == "/global/event":         # the real one does not end; who asks takes the first bytes
        return 200, "text/event-stream", b'data: {"payload":{"type":"server.connected"}}\n\n'
    if path == "/session/status":
        return 200, "application/json", b"{}"
    return (200, "text/html", PAGE) if path == "/" else (404, "text/plain", b"")


def serve_one(connection, allowed):
    connection.settimeout(IDLE_S)
    head = b""
    while b"\r\n\r\n" not in head:
        data = connection.recv(65536)
        if not data:
            return
        head += data
    status, kind, body = answer_to(head.decode().split("\r\n\r\n")[0], allowed)
    connection.sendall(b"HTTP/1.1 %d -\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (status, kind.encode(), len(body)) + body)


def main():
    known = secrets()
    user, password = known["OPENCODE_SERVER_USERNAME"], known["OPENCODE_SERVER_PASSWORD"]
    allowed = "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
    take_home()
    take_data()
    listener = socket.socket(fileno=int(os.environ["OPENCODE_LISTEN_FD"]))
    while True:
        connection, _ = listener.accept()
        with connection:
            try:
                serve_one(connection, allowed)
            except OSError:
                pass


main()

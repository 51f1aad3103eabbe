#!/usr/bin/env python3
"""port-forward: many connections, half-closed ones, big ones, refused ones, and nothing left at the end."""
import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from term import OCC, done, equal, row, until  # noqa: E402

# Servers in the container, each for its own kind of peer; ports are told on standard output.
SERVERS = r"""
import hashlib, socket, threading
def serve(family, address, handle):
    s = socket.socket(family)
    try: s.bind((address, 0))
    except OSError: print(0, flush=True); return        # no IPv6 in this container
    s.listen(64)
    print(s.getsockname()[1], flush=True)
    def loop():
        while True:
            c = s.accept()[0]
            threading.Thread(target=handle, args=(c,), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()
def all_of(c):
    h = hashlib.sha256()
    while True:
        b = c.recv(65536)
        if not b: return h.hexdigest().encode()
        h.update(b)
def digest(c): c.sendall(all_of(c)); c.close()          # answers after the end of its input
def speak(c): c.sendall(b"hello"); c.close()             # closes first
def echo(c):
    while True:
        b = c.recv(65536)
        if not b: break
        c.sendall(b)
    c.close()
def big(c): c.sendall(b"z" * 5000000); c.close()
serve(socket.AF_INET, "127.0.0.1", digest)
serve(socket.AF_INET, "127.0.0.1", speak)
serve(socket.AF_INET, "127.0.0.1", echo)
serve(socket.AF_INET6, "::1", speak)
serve(socket.AF_INET, "127.0.0.1", big)
import sys; sys.stdin.read()
"""


def read_all(s):
    data = b""
    while True:
        b = s.recv(65536)
        if not b:
            return data
        data += b


def dial(port, seconds=180):
    return socket.create_connection(("127.0.0.1", port), seconds)


servers = subprocess.Popen(OCC + ["exec", "--", "python3", "-c", SERVERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
digest, speak, echo, speak6, big = (int(servers.stdout.readline()) for _ in range(5))
closed = 9
remotes = [p for p in (digest, speak, echo, speak6, big, closed) if p]
forward = subprocess.Popen(OCC + ["port-forward"] + [":%d" % p for p in remotes], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
local = {}
for _ in remotes:
    line = forward.stdout.readline().decode()
    found = re.fullmatch(r"Forwarding 127\.0\.0\.1:(\d+) -> (\d+) \(Ctrl-C ends\)\n", line)
    if not row(found, "says what it forwards", line):
        done()
    local[int(found[2])] = int(found[1])

s = dial(local[speak])
equal("a server that closes first", read_all(s), b"hello")
if speak6:
    equal("a server on ::1 alone", read_all(dial(local[speak6])), b"hello")
data = os.urandom(3000000)
s = dial(local[digest])
s.sendall(data)
s.shutdown(socket.SHUT_WR)
equal("half-closed: the answer comes after the end of the input", read_all(s).decode(), hashlib.sha256(data).hexdigest())
s = dial(local[big])
equal("5 MB out", len(read_all(s)), 5000000)

failures = []
# Through ssh each is a login of its own on the far side
many = 24 if os.environ.get("OCC_LONG") or not os.environ.get("DOCKER_HOST", "").startswith("ssh:") else 8


def ping_pong(i):
    try:
        c = dial(local[echo])
        for k in range(20):
            word = ("%d.%d;" % (i, k)).encode()
            c.sendall(word)
            got = b""
            while len(got) < len(word):
                got += c.recv(100)
            if got != word:
                failures.append((i, word, got))
        c.shutdown(socket.SHUT_WR)
        if read_all(c):
            failures.append((i, "rest"))
    except OSError as why:
        failures.append((i, why))


threads = [threading.Thread(target=ping_pong, args=(i,)) for i in range(many)]
for t in threads:
    t.start()
for t in threads:
    t.join()
equal("%d connections at once, each its own" % many, failures, [])

slow = dial(local[big])
equal("one that does not read stops no other", read_all(dial(local[speak])), b"hello")
s = dial(local[closed])
equal("nobody listens: the connection ends", read_all(s), b"")
row(b"port 9 in the container: Connection refused" in forward.stderr.readline(), "and it is said")

taken = subprocess.run(OCC + ["port-forward", "%d:%d" % (local[echo], echo)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)
equal("a taken port: exit 8", taken.returncode, 8)
row(b"is taken" in taken.stderr, "a taken port: said", taken.stderr)
for wrong in ("x", "0", "1:2:3", "70000", "80:0", ""):
    code = subprocess.run(OCC + ["port-forward", wrong], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180).returncode
    equal("%r is no port: exit 2" % wrong, code, 2)

idle = dial(local[echo])
idle.sendall(b"x")
idle.recv(1)
forward.send_signal(signal.SIGINT)
equal("Ctrl-C: exit 130", forward.wait(180), 130)
equal("Ctrl-C: open connections end", read_all(idle), b"")
try:
    dial(local[echo], 5)
    row(False, "Ctrl-C: nobody listens here any more")
except OSError:
    row(True, "Ctrl-C: nobody listens here any more")


def carriers():
    out = subprocess.run(OCC + ["exec", "-n", "--", "sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null | grep -cx perl || true"], stdout=subprocess.PIPE)
    return int(out.stdout)


row(until(lambda: carriers() == 0), "Ctrl-C: nothing is left in the container", carriers())
slow.close()
servers.stdin.close()
servers.wait(30)
done()

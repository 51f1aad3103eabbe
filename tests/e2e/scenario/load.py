#!/usr/bin/env python3
"""load.py HOST PORT CA NAME STOP-FILE - people at the edge while it and opencode are restarted: requests on new and on kept connections, event streams and terminals that come again.

The password is the first line of standard input. Says "under way", and what failed; how often every stream and terminal has come is in STOP-FILE.came; after the stop file has come,
whether all of them came again, and how many requests there were.
"""
import base64
import json
import os
import socket
import ssl
import sys
import threading
import time

REQUESTERS = 6
KEEPERS = 4
STREAMS = 50
TERMINALS = 20
PATIENCE_S = 5
KEPT = 8                                 # bytes before a read in which a sign may have begun
host, port, ca, name, stop_file = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5]
auth = base64.b64encode(b"opencode:" + sys.stdin.readline().strip().encode()).decode()
context = ssl.create_default_context(cafile=ca)
context.verify_flags &= ~ssl.VERIFY_X509_STRICT
lock = threading.Lock()
asked = 0
typed_again = 0
opened = [0] * (STREAMS + TERMINALS)     # those that have come so far
is_open = [False] * (STREAMS + TERMINALS)
over = threading.Event()


def is_over():
    return over.is_set()


def say(text):
    with lock:
        print(text, flush=True)


def dial():
    return context.wrap_socket(socket.create_connection((host, port), 120), server_hostname=name)


def ask(sock, path, method="GET", fields="", body=""):
    sock.sendall(("%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n%s\r\n%s" % (method, path, name, auth, fields, body)).encode())


def head(sock):
    """Status and the bytes after the head; None when it was closed before any."""
    data = b""
    while b"\r\n\r\n" not in data:
        got = sock.recv(4096)
        if not got:
            if data:
                raise OSError("cut within the head")
            return None, b""
        data += got
    top, _, rest = data.partition(b"\r\n\r\n")
    return int(top.split()[1]), rest


def one(sock):
    """A whole answer on it: its status, or None when it had been closed before."""
    ask(sock, "/global/health")
    status, body = head(sock)
    if status == 200:
        while b"healthy" not in body:
            body += sock.recv(4096)
    return status


def tell_came():
    """Whole or not at all: who reads it may come in between."""
    with open(stop_file + ".new", "w") as f:
        f.write("%d\n" % min(opened))
    os.rename(stop_file + ".new", stop_file + ".came")


def count(status, what):
    global asked
    with lock:
        asked += 1
    if status != 200:
        say("%s: %s" % (what, status))


def requester():
    while not is_over():
        try:
            sock = dial()
            count(one(sock), "a new connection")
            sock.close()
        except OSError as e:
            say("a new connection: %r" % e)


def keeper():
    """As browsers do: a kept connection that has ended meanwhile is no failure, and the request goes on another one."""
    sock = dial()
    while not is_over():
        try:
            status = one(sock)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            status = None
        try:
            if status is None:
                sock.close()
                sock = dial()
                status = one(sock)
            count(status, "a kept connection")
        except OSError as e:
            say("a kept connection: %r" % e)
            sock = dial()


def follow(sock, i, sign, data, end=None, nudge=lambda: None):
    """What comes behind data until the connection closes, or the end is there; it has come when the sign is. nudge: what a person does who has waited for it."""
    sock.settimeout(1)
    waited_s = 0
    while not is_over():
        if not is_open[i] and sign in data:
            opened[i] += 1
            is_open[i] = True
        try:
            got = sock.recv(65536)
        except TimeoutError:
            waited_s += 1
            if not is_open[i] and waited_s % PATIENCE_S == 0:
                nudge()
            continue
        data = data[-KEPT:] + got
        if not got or (end and data.endswith(end)):
            return


def stream(sock, i):
    ask(sock, "/global/event")
    status, rest = head(sock)
    if status == 200:
        follow(sock, i, b"data:", rest, b"\r\n0\r\n\r\n")      # the last chunk: the connection itself is kept
    else:
        say("a stream: %s" % status)


def type_line(sock):
    text = b"echo t$((40+2))\r"
    sock.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)     # a mask of zeros


def type_again(sock):
    """Now and then a shell that is only just starting does not see what was typed."""
    global typed_again
    with lock:
        typed_again += 1
    type_line(sock)


def terminal(sock, i):
    """A shell of its own, in which it types. One that was made before a restart is not there after it: 404."""
    ask(sock, "/pty", "POST", "Content-Type: application/json\r\nContent-Length: 2\r\n", "{}")
    status, body = head(sock)
    while status == 200 and not body.endswith(b"}"):
        body += sock.recv(4096)
    if status != 200:
        say("a terminal: %s" % status)
        return
    sock.close()
    sock = dial()
    ask(sock, "/pty/%s/connect" % json.loads(body)["id"], fields="Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: %s\r\n" % base64.b64encode(os.urandom(16)).decode())
    status, rest = head(sock)
    if status == 101:
        type_line(sock)
        follow(sock, i, b"t42", rest, nudge=lambda: type_again(sock))
    elif status != 404:
        say("a terminal's connection: %s" % status)
    sock.close()


def again(f, i):
    while not is_over():
        try:
            sock = dial()
            f(sock, i)
            sock.close()
        except (OSError, ValueError) as e:
            say("a %s: %r" % (f.__name__, e))
        is_open[i] = False


threads = [threading.Thread(target=requester) for _ in range(REQUESTERS)] + [threading.Thread(target=keeper) for _ in range(KEEPERS)]
threads += [threading.Thread(target=again, args=(stream if i < STREAMS else terminal, i)) for i in range(STREAMS + TERMINALS)]
for t in threads:
    t.start()
while not all(is_open):
    time.sleep(0.1)
say("under way")
while not os.path.exists(stop_file):
    tell_came()
    time.sleep(0.1)
due = time.monotonic() + 120
while not (all(is_open) and min(opened) > 1) and time.monotonic() < due:
    time.sleep(0.1)
came = sum(n > 1 and o for n, o in zip(opened, is_open))
over.set()
for t in threads:
    t.join()
say("asked %d, streams and terminals that came again: %d of %d, %d to %d times, %d lines typed again" %
    (asked, came, STREAMS + TERMINALS, min(opened), max(opened), typed_again))

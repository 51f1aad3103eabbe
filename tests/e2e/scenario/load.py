#!/usr/bin/env python3
"""load.py PORT CA NAME STOP-FILE - people at the edge while it and opencode are restarted: requests on new and on kept connections, and event streams that come again.

The password is the first line of standard input. Says "under way", and what failed; after the stop file has come, whether all streams came again, and how many requests there were.
"""
import base64
import os
import socket
import ssl
import sys
import threading
import time

REQUESTERS = 6
KEEPERS = 4
STREAMS = 50
port, ca, name, stop_file = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
auth = base64.b64encode(b"opencode:" + sys.stdin.readline().strip().encode()).decode()
context = ssl.create_default_context(cafile=ca)
context.verify_flags &= ~ssl.VERIFY_X509_STRICT
lock = threading.Lock()
asked = 0
opened = [0] * STREAMS
is_open = [False] * STREAMS
over = threading.Event()


def is_over():
    return over.is_set()


def say(text):
    with lock:
        print(text, flush=True)


def dial():
    return context.wrap_socket(socket.create_connection(("127.0.0.1", port), 120), server_hostname=name)


def ask(sock, path):
    sock.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Basic %s\r\n\r\n" % (path, name, auth)).encode())


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


def stream(i):
    while not is_over():
        try:
            sock = dial()
            ask(sock, "/global/event")
            status, _ = head(sock)
            if status != 200:
                say("a stream: %s" % status)
            else:
                opened[i] += 1
                is_open[i] = True
                sock.settimeout(1)
            while not is_over():
                try:
                    if not sock.recv(65536):
                        break
                except TimeoutError:
                    pass
            is_open[i] = False
            sock.close()
        except OSError as e:
            is_open[i] = False
            say("a stream: %r" % e)


threads = [threading.Thread(target=requester) for _ in range(REQUESTERS)] + [threading.Thread(target=keeper) for _ in range(KEEPERS)]
threads += [threading.Thread(target=stream, args=(i,)) for i in range(STREAMS)]
for t in threads:
    t.start()
while not all(is_open):
    time.sleep(0.1)
say("under way")
while not os.path.exists(stop_file):
    time.sleep(0.1)
due = time.monotonic() + 120
while not (all(is_open) and min(opened) > 1) and time.monotonic() < due:
    time.sleep(0.1)
came = sum(n > 1 and o for n, o in zip(opened, is_open))
over.set()
for t in threads:
    t.join()
say("asked %d, streams that came again: %d of %d, %d to %d times" % (asked, came, STREAMS, min(opened), max(opened)))

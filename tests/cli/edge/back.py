"""A small HTTP server that behaves as opencode does where the edge looks: back.py PORT. Says "listening PORT". Every connection is a thread."""
import base64
import hashlib
import json
import os
import select
import socket
import struct
import sys
import threading
import time

SLOW_S = 1.2
ECHO_S = 0.05
AUTH = sys.argv[2]
served = {"connections": 0, "requests": 0, "echoes": 0, "silent": 0, "assets": 0, "late": 0, "second": 0, "slow": 0, "resets": 0}
streams = []


class Request:
    def __init__(self, line, fields, stream):
        self.method, self.target, _ = line.split(" ")
        self.fields = fields
        self.path, _, query = self.target.partition("?")
        self.query = dict(p.partition("=")[::2] for p in query.split("&")) if query else {}
        self.stream = stream

    def field(self, name, default=""):
        return next((v for k, v in self.fields if k.lower() == name), default)

    def body(self):
        if self.field("transfer-encoding") == "chunked":
            out = b""
            while True:
                size = int(self.stream.readline().strip(), 16)
                data = self.stream.read(size)
                self.stream.readline()
                if not size:
                    return out
                out += data
        return self.stream.read(int(self.field("content-length", "0")))


def send(sock, status, body=b"", fields=(), length=True):
    head = ["HTTP/1.1 %d Fine" % status]
    if length:
        head.append("Content-Length: %d" % len(body))
    head += ["%s: %s" % f for f in fields]
    sock.sendall(("\r\n".join(head) + "\r\n\r\n").encode() + body)


def chunk(sock, data):
    sock.sendall(b"%x\r\n%s\r\n" % (len(data), data))


def health(sock, rq):
    ok = rq.field("authorization") == AUTH
    send(sock, 200 if ok else 401, b'{"healthy":true,"version":"1.2.3"}' if ok else b"", [("Content-Type", "application/json")])


def echo(sock, rq):
    served["echoes"] += 1
    body = rq.body()
    text = json.dumps({"method": rq.method, "target": rq.target, "fields": rq.fields, "body": body.decode("latin1"),
                       "pid": os.getpid(), "connections": served["connections"]}).encode()
    send(sock, 200, b"" if rq.method == "HEAD" else text, [("Content-Type", "application/json")], length=rq.method != "HEAD")


def chunked(sock, rq):
    send(sock, 200, fields=[("Transfer-Encoding", "chunked")], length=False)
    for part in (b"one,", b"two,", b"three"):
        chunk(sock, part)
    sock.sendall(b"0\r\n\r\n")


def until_close(sock, rq):
    send(sock, 200, b"to the end", length=False)
    return "close"


def nothing(sock, rq):
    send(sock, int(rq.path[1:]), length=False)


def big(sock, rq):
    n = int(rq.query["n"])
    sock.sendall(b"HTTP/1.1 200 Fine\r\nContent-Length: %d\r\n\r\n" % n)
    piece = bytes(range(256)) * 256
    while n > 0:
        sock.sendall(piece[:n])
        n -= len(piece)


def early(sock, rq):
    """Answers before the body has come, and never reads it."""
    send(sock, 200, b"early")
    time.sleep(0.5)
    return "close"


def asset(sock, rq):
    """A script as the web interface has them."""
    served["assets"] += 1
    body = b"function f%d() { return 1 }\n" * 20000 % tuple(range(20000))
    send(sock, 200, body, [("Content-Type", "text/javascript")])


def silent(sock, rq):
    """Takes the request and never answers."""
    served["silent"] += 1
    while sock.recv(1):
        pass
    return "close"


def cut(sock, rq):
    sock.sendall(b"HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\nhalf")
    return "close"


def reset(sock, rq):
    """A part of a body that only the end of the connection ends, and then no end but a reset."""
    sock.sendall(b"HTTP/1.1 200 Fine\r\n\r\npart")
    while not served["resets"]:
        time.sleep(0.005)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(sock.detach())
    return "close"


def reset_now(sock, rq):
    served["resets"] += 1
    send(sock, 204)


def both(sock, rq):
    sock.sendall(b"HTTP/1.1 200 Fine\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    return "close"


def sse(sock, rq):
    """One event at once, further ones when somebody asks for /push; /sse-encoded begins in silence."""
    is_encoded = rq.path == "/sse-encoded"
    send(sock, 200, fields=[("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")] + [("Content-Encoding", "gzip")] * is_encoded, length=False)
    if not is_encoded:
        chunk(sock, b"data: first\n\n")
    streams.append(sock)
    while sock.recv(100):
        pass
    streams.remove(sock)
    return "close"


def push(sock, rq):
    for s in streams:
        chunk(s, b"data: %s\n\n" % rq.query["d"].encode())
    send(sock, 200, b"%d" % len(streams))


def websocket(sock, rq):
    """Echoes frames; an empty text frame is answered with the number of pings that have come, one that says "close" with a close frame of its own. /ws-lazy takes ECHO_S for each echo."""
    accept = base64.b64encode(hashlib.sha1((rq.field("sec-websocket-key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest())
    if rq.path == "/ws-wrong":
        accept = b"AAAA" + accept[4:]
    sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept)
    pings = 0
    while True:
        head = rq.stream.read(2)
        if len(head) < 2:
            return "close"
        op, n = head[0] & 15, head[1] & 127
        if n == 126:
            n = struct.unpack(">H", rq.stream.read(2))[0]
        mask = rq.stream.read(4)
        data = bytes(b ^ mask[i % 4] for i, b in enumerate(rq.stream.read(n)))
        if op == 8:
            sock.sendall(bytes([0x88, len(data)]) + data)
            return "close"
        if op == 9:
            pings += 1
            sock.sendall(bytes([0x8a, len(data)]) + data)
        elif data == b"close":
            sock.sendall(b"\x88\x02" + struct.pack(">H", 4001))
        elif op == 1:
            out = data if data else b"%d" % pings
            if rq.path == "/ws-lazy":
                time.sleep(ECHO_S)
            sock.sendall(bytes([0x81]) + (bytes([len(out)]) if len(out) < 126 else b"\x7e" + struct.pack(">H", len(out))) + out)


def websocket_late(sock, rq):
    """Only the second one is answered, as opencode does after its start."""
    served["late"] += 1
    return silent(sock, rq) if served["late"] == 1 else websocket(sock, rq)


def websocket_second(sock, rq):
    """The first one's connection is closed without a word."""
    served["second"] += 1
    return "close" if served["second"] == 1 else websocket(sock, rq)


def websocket_slow(sock, rq):
    """Answered for who is still there after SLOW_S, as by an opencode that has much to do."""
    served["slow"] += 1
    gone, _, _ = select.select([sock], [], [], SLOW_S)
    return "close" if gone else websocket(sock, rq)


def counts(sock, rq):
    send(sock, 200, json.dumps(served).encode())


routes = {"/global/health": health, "/chunked": chunked, "/until-close": until_close, "/204": nothing, "/304": nothing, "/big": big, "/early": early,
          "/silent": silent, "/cut": cut, "/reset": reset, "/reset-now": reset_now, "/both": both, "/sse": sse, "/sse-encoded": sse, "/push": push, "/ws": websocket, "/ws-wrong": websocket, "/ws-lazy": websocket, "/ws-late": websocket_late, "/ws-second": websocket_second, "/ws-slow": websocket_slow,
          "/counts": counts, "/assets/index-D4f8aB2c.js": asset}


def serve(sock):
    stream = sock.makefile("rb")
    while True:
        line = stream.readline().decode("latin1").strip()
        if not line:
            break
        fields = []
        while True:
            text = stream.readline().decode("latin1").rstrip("\r\n")
            if not text:
                break
            name, _, value = text.partition(":")
            fields.append((name, value.strip()))
        rq = Request(line, fields, stream)
        served["requests"] += rq.path != "/global/health"
        if routes.get(rq.path, echo)(sock, rq) == "close":
            break
    sock.close()


def connection(sock):
    try:
        serve(sock)
    except (OSError, ValueError):
        pass
    finally:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        sock.close()


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(1024)
    print("listening %d" % listener.getsockname()[1], flush=True)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        served["connections"] += 1
        threading.Thread(target=connection, args=(sock,), daemon=True).start()


main()

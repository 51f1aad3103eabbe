"""What stays open: Server-Sent Events and WebSockets."""
import base64
import json
import os
import sys

from kit import AUTH, Back, Client, Rig, WebSocket, row, run, same, until

PING = b"occ-keepalive"


def push(rig, text):
    return int(Client(rig.port).get("/push?d=%s" % text).body)


@row("an event leaves when it comes")
def _(rig):
    c = Client(rig.port)
    c.ask("/sse")
    a = c.head()
    same((a.status, a.fields["content-type"], a.fields["transfer-encoding"]), (200, "text/event-stream", "chunked"))
    same(c.chunk(), b"data: first\n\n")
    until(lambda: push(rig, "second") == 1)
    same(c.chunk(), b"data: second\n\n")
    same(rig.facts()["streams"], 1)


@row("a silent event stream gets comments")
def _(rig):
    c = Client(rig.port)
    c.ask("/sse")
    c.head()
    same(c.chunk(), b"data: first\n\n")
    same(c.chunk(), b": keepalive\n\n")
    same(c.chunk(), b": keepalive\n\n")


@row("but not one that is compressed: nothing can be put into it")
def _(rig):
    c, plain = Client(rig.port), Client(rig.port)
    c.ask("/sse-encoded")
    c.head()
    plain.ask("/sse")
    plain.head()
    same([plain.chunk() for _ in range(3)], [b"data: first\n\n", b": keepalive\n\n", b": keepalive\n\n"])
    until(lambda: push(rig, "squeezed") == 2)
    same(c.chunk(), b"data: squeezed\n\n")


@row("a stream whose client has gone ends at opencode, too")
def _(rig):
    until(lambda: rig.facts()["streams"] == 0)
    until(lambda: push(rig, "nobody") == 0)


@row("a websocket echoes")
def _(rig):
    w = WebSocket(rig.port)
    same((w.opened.status, w.opened.fields["sec-websocket-accept"]), (101, w.accept))
    for data in (b"hello", b"x" * 125, b"y" * 60000):
        w.frame(1, data)
        same(w.heard(), (1, data))
    same(rig.facts()["websockets"], 1)
    w.frame(8, b"\x03\xe8")
    same(w.read(), (8, b"\x03\xe8"))
    same(w.read(), (None, b""))
    until(lambda: rig.facts()["websockets"] == 0)


@row("a silent websocket gets pings on both sides; their answers are kept from the other")
def _(rig):
    w = WebSocket(rig.port)
    same(w.read(), (9, PING))
    w.frame(10, PING)
    same(w.read(), (9, PING))
    w.frame(10, PING)
    w.frame(1, b"")
    op, got = w.heard()
    same(op, 1)
    assert int(got) >= 1, got
    w.frame(1, b"still in step")
    same(w.heard(), (1, b"still in step"))


@row("a pong of opencode's is no sign of life to the client")
def _(rig):
    w = WebSocket(patient.port, "/ws-lazy")
    w.frame(1, b"last")
    same(w.read(), (1, b"last"))        # a moment after it went: opencode is the first one to get a ping, and answers before the client's turn
    same(w.read(), (9, PING))
    w.frame(10, PING)
    w.frame(1, b"")
    same(w.heard(), (1, b"1"))


@row("nor one of the client's to opencode")
def _(rig):
    def pass_time(times):
        for _ in range(times):
            Client(rig.port).get("/counts")

    w = WebSocket(patient.port)
    w.frame(1, b"first")
    same(w.read(), (1, b"first"))
    pass_time(100)
    w.frame(2, b"last, not echoed")     # a while after the echo: now the client is the first one to get a ping
    same(w.read(), (9, PING))
    pass_time(20)
    w.frame(10, PING)
    same(w.read(), (9, PING))
    w.frame(1, b"")
    op, got = w.heard()
    assert (op, int(got) >= 1) == (1, True), got


@row("an answer 101 that does not fit is not believed")
def _(rig):
    same(WebSocket(rig.port, "/ws-wrong").opened.status, 502)


@row("drain: streams end cleanly, and the keeper hears of it")
def _(rig):
    c = Client(rig.port)
    c.ask("/sse")
    c.head()
    same(c.chunk(), b"data: first\n\n")
    w = WebSocket(rig.port)
    w.frame(1, b"here")
    same(w.heard(), (1, b"here"))
    rig.order("hold 5000")
    rig.expect("drained")
    data = c.chunk()
    while data.startswith(b":"):
        data = c.chunk()
    same(data, b"")
    same(w.heard(), (8, (1012).to_bytes(2, "big")))
    rig.order("release")
    until(lambda: rig.facts()["up"] == 1)


@row("a websocket that opencode never answers is asked for once more")
def _(rig):
    w = WebSocket(rig.port, "/ws-late")
    same((w.opened.status, w.opened.fields["sec-websocket-accept"]), (101, w.accept))
    w.frame(1, b"hello")
    same(w.read(), (1, b"hello"))


@row("a websocket that opencode is slow to answer is not asked for anew for ever")
def _(rig):
    w = WebSocket(rig.port, "/ws-slow")     # slower than upgrade_ms
    same((w.opened.status, w.opened.fields["sec-websocket-accept"]), (101, w.accept))
    asked = json.loads(Client(rig.port).get("/counts").body)["slow"]
    assert asked <= 4, asked


@row("a websocket that opencode dies under before its answer is asked for again")
def _(rig):
    asking = Client(rig.port)
    before = json.loads(Client(rig.port).get("/counts").body)["silent"]
    asking.raw(b"GET /silent HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n%s\r\n\r\n"
               % (base64.b64encode(os.urandom(16)), AUTH.encode()))
    until(lambda: json.loads(Client(rig.port).get("/counts").body)["silent"] > before)
    back.restart()
    until(lambda: json.loads(Client(rig.port).get("/counts").body)["silent"] > 0)
    asking.close()


@row("opencode ends: event streams end, websockets are told of the restart")
def _(rig):
    c = Client(rig.port)
    c.ask("/sse")
    c.head()
    same(c.chunk(), b"data: first\n\n")
    w = WebSocket(rig.port)
    same(w.opened.status, 101)
    back.kill()
    data = c.chunk()
    while data.startswith(b":"):
        data = c.chunk()
    same(data, b"")
    same(w.heard(), (8, (1012).to_bytes(2, "big")))


back = Back()
patient = Rig(back.port, quiet_ms=2000)


def main():
    rig = Rig(back.port, quiet_ms=300, upgrade_ms=500)
    status = run(rig)
    rig.end()
    patient.end()
    back.kill()
    return status


sys.exit(main())

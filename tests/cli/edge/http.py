"""Requests and answers through the edge, one after the other and many at once."""
import gzip
import json
import sys

from kit import AUTH, Back, Client, Rig, holds, row, run, same


@row("a request goes through, re-written, with the inner password and without ours")
def _(rig):
    c = Client(rig.port)
    e = c.echo("/a/b?c=d", "X-Mine: 1", "X-Forwarded-For: 6.6.6.6", "Connection: X-Drop", "X-Drop: 1")
    fields = {k.lower(): v for k, v in e["fields"]}
    same((e["method"], e["target"], fields["host"]), ("GET", "/a/b?c=d", "edge.example"))
    same(fields["authorization"], "Basic aW5uZXI6c2VjcmV0")
    same((fields["x-mine"], fields["x-forwarded-for"], fields["x-forwarded-proto"]), ("1", "127.0.0.1", "http"))
    assert "x-drop" not in fields


@row("both connections are kept")
def _(rig):
    c = Client(rig.port)
    before = c.echo("/")["connections"]
    for _ in range(20):
        same(c.echo("/")["connections"], before)


@row("pipelined requests are answered in their order")
def _(rig):
    c = Client(rig.port)
    c.raw(b"".join(b"GET /p%d HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % (i, AUTH.encode()) for i in range(50)))
    for i in range(50):
        same(json.loads(c.answer().body)["target"], "/p%d" % i)


@row("a request byte by byte")
def _(rig):
    c = Client(rig.port)
    for b in b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + AUTH.encode() + b"\r\n\r\nhello":
        c.raw(bytes([b]))
    same(json.loads(c.answer().body)["body"], "hello")


@row("bodies: with a length, in chunks, large, empty")
def _(rig):
    c = Client(rig.port)
    same(c.echo("/", "Content-Length: 5", method="POST", body=b"hello")["body"], "hello")
    e = c.echo("/", "Transfer-Encoding: chunked", method="POST", body=b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: gone\r\n\r\n")
    same(e["body"], "abcdefg")
    same(dict((k.lower(), v) for k, v in e["fields"])["transfer-encoding"], "chunked")
    same(c.echo("/", "Content-Length: 0", method="POST")["body"], "")
    text = bytes(range(32, 127)) * 5000
    same(c.echo("/", "Content-Length: %d" % len(text), method="PUT", body=text)["body"], text.decode())
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in [text[i:i + 777] for i in range(0, len(text), 777)]) + b"0\r\n\r\n"
    same(c.echo("/", "Transfer-Encoding: chunked", method="PUT", body=chunks)["body"], text.decode())


@row("answers: chunks, until the end, large")
def _(rig):
    c = Client(rig.port)
    same(c.get("/chunked").body, b"one,two,three")
    a = c.get("/until-close")
    same((a.body, a.fields.get("transfer-encoding")), (b"to the end", "chunked"))
    a = c.get("/big?n=3000000")
    same(a.body, (bytes(range(256)) * 12000)[:3000000])
    same(c.get("/after").status, 200)


@row("answers without a body: HEAD, 204, 304")
def _(rig):
    c = Client(rig.port)
    same(c.get("/x", method="HEAD").status, 200)
    same(c.get("/204").status, 204)
    same(c.get("/304").status, 304)
    same(c.echo("/next")["target"], "/next")


@row("HTTP/1.0: no chunks, closed afterwards")
def _(rig):
    c = Client(rig.port)
    c.raw(b"GET /chunked HTTP/1.0\r\nHost: x\r\n" + AUTH.encode() + b"\r\n\r\n")
    a = c.answer()
    same((a.body, a.fields.get("transfer-encoding"), a.fields.get("connection")), (b"one,two,three", None, "close"))


@row("Connection: close")
def _(rig):
    c = Client(rig.port)
    a = c.get("/", "Connection: close")
    same((a.status, a.fields["connection"]), (200, "close"))
    assert c.is_closed()


@row("100-continue is said when the body can be taken")
def _(rig):
    c = Client(rig.port)
    c.ask("/", "Content-Length: 5", "Expect: 100-continue", method="POST")
    same(c.head().status, 100)
    c.raw(b"hello")
    same(json.loads(c.answer().body)["body"], "hello")


@row("an early answer with an unread body closes")
def _(rig):
    c = Client(rig.port)
    c.ask("/early", "Content-Length: 1000000", method="POST", body=b"x" * 1000)
    a = c.answer()
    same((a.status, a.body, a.fields["connection"]), (200, b"early", "close"))
    assert c.is_closed()


@row("an answer that only the end ends is not whole when there is no end but a reset")
def _(rig):
    c = Client(rig.port)
    c.ask("/reset")
    c.head()
    same(c.chunk(), b"part")
    Client(rig.port).get("/reset-now")
    same(c.sock.makefile("rb").read(), b"")


@row("half an answer is not made to look whole")
def _(rig):
    c = Client(rig.port)
    c.ask("/cut")
    a = c.head()
    same(a.status, 200)
    same(c.stream.read(), b"half")


@row("both framings from opencode are 502")
def _(rig):
    same(Client(rig.port).get("/both").status, 502)


@row("what is refused: framing, too long, unknown")
def _(rig):
    for text, status in ((b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
                         (b"GET / HTTP/1.1\r\n\r\n", 400), (b"GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
                         (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
                         (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 40000 + b"\r\n\r\n", 431),
                         (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505), (b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405)):
        c = Client(rig.port)
        try:
            c.raw(text)
        except OSError:
            pass
        same((text[:20], c.answer().status), (text[:20], status))
        assert c.is_closed()


@row("a chunked body that breaks its framing is refused")
def _(rig):
    c = Client(rig.port)
    c.ask("/", "Transfer-Encoding: chunked", method="POST", body=b"3\r\nabc\r\nzz\r\n")
    same(c.answer().status, 400)
    assert c.is_closed()


@row("redirect listener: to https, a name of ours, the same target")
def _(rig):
    c = Client(rig.redirect)
    a = c.get("/x?y=z")
    same((a.status, a.fields["location"]), (308, "https://edge.example:8443/x?y=z"))
    c.raw(b"GET /q HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    same(c.answer().fields["location"], "https://edge.example:8443/q")


@row("health without a password, on every listener")
def _(rig):
    for port in (rig.port, rig.redirect):
        c = Client(port)
        for path, part in (("/healthz", b"ok"), ("/readyz", b"ready"), ("/metrics", b"occ_edge_")):
            c.raw(b"GET %s HTTP/1.1\r\nHost: whatever\r\n\r\n" % path.encode())
            a = c.answer()
            same((path, a.status), (path, 200))
            holds(a.body, part)


@row("assets: compressed once, kept by browsers, 304; others are not to be stored")
def _(rig):
    c, path = Client(rig.port), "/assets/index-D4f8aB2c.js"
    plain = c.get(path)
    same((plain.status, plain.fields.get("content-encoding"), plain.fields["vary"]), (200, None, "Accept-Encoding, Origin"))
    holds(plain.fields["cache-control"], "immutable")
    for _ in range(3):
        a = c.get(path, "Accept-Encoding: gzip")
        same((a.status, a.fields["content-encoding"]), (200, "gzip"))
        same(gzip.decompress(a.body), plain.body)
        assert len(a.body) < len(plain.body) / 4
    same(json.loads(c.get("/counts").body)["assets"], 1)
    same(c.get(path, "Accept-Encoding: gzip", "If-None-Match: " + a.fields["etag"]).status, 304)
    head = c.get(path, "Accept-Encoding: gzip", method="HEAD")
    same(int(head.fields["content-length"]), len(a.body))
    same(c.get("/api").fields["cache-control"], "no-store")
    slow = Client(rig.port)
    slow.ask(path, "Accept-Encoding: gzip")
    slow.close()
    same(c.get("/api").status, 200)


@row("a client that goes in the middle is no trouble")
def _(rig):
    for text in (b"GET /silent HTTP/1.1\r\nHost: x\r\n" + AUTH.encode() + b"\r\n\r\n", b"GET /big?n=30000000 HTTP/1.1\r\nHost: x\r\n" + AUTH.encode() + b"\r\n\r\n",
                 b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n" + AUTH.encode() + b"\r\n\r\nhalf"):
        c = Client(rig.port)
        c.raw(text)
        c.close()
    same(Client(rig.port).echo("/")["method"], "GET")


@row("a large answer waits for a slow reader")
def _(rig):
    c = Client(rig.port)
    c.ask("/big?n=20000000")
    same(Client(rig.port).echo("/")["method"], "GET")
    same(len(c.answer().body), 20000000)


def main():
    back = Back()
    rig = Rig(back.port)
    status = run(rig)
    rig.end()
    back.kill()
    return status


sys.exit(main())

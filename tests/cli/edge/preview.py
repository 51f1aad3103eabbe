"""Previews: another server than opencode, by the name of its port."""
import json
import socket
import sys

from kit import Back, Client, Rig, holds, row, run, same, until

NAME = "3000.preview.edge.example"
opencode = Back()
app = Back()
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    nobody = s.getsockname()[1]


def get(rig, target, *fields, **kw):
    c = Client(rig.port)
    a = c.get(target, *fields, **dict({"host": NAME}, **kw))
    c.close()
    return a


def echo(rig, target, *fields, **kw):
    a = get(rig, target, *fields, **kw)
    same(a.status, 200)
    seen = json.loads(a.body)
    seen["fields"] = {k.lower(): v for k, v in seen["fields"]}
    return seen


@row("the name of a port leads to what listens there, and the other one to opencode")
def _(rig):
    same(echo(rig, "/")["pid"], app.child.pid)
    same(echo(rig, "/", host="edge.example")["pid"], opencode.child.pid)


@row("it is asked as localhost, and told by which name the browser came")
def _(rig):
    fields = echo(rig, "/a?b=c")["fields"]
    same((fields["host"], fields["x-forwarded-host"]), ("localhost:3000", NAME))


@row("neither a password nor a session goes there")
def _(rig):
    a = get(rig, "/_occ/link?t=once", auth=False)
    cookie = a.fields["set-cookie"].split(";")[0]
    fields = echo(rig, "/", "Cookie: theirs=1; " + cookie, auth=False)["fields"]
    same(fields["cookie"], "theirs=1")
    assert "authorization" not in fields
    assert "authorization" not in echo(rig, "/")["fields"]


@row("nothing of it is open to everybody, and no path is opencode's")
def _(rig):
    for method, target in (("GET", "/"), ("GET", "/site.webmanifest"), ("OPTIONS", "/"), ("GET", "/healthz"), ("GET", "/assets/index-D4f8aB2c.js")):
        same(get(rig, target, "Origin: http://a", "Access-Control-Request-Method: GET", method=method, auth=False).status, 401)
    same(echo(rig, "/healthz")["target"], "/healthz")
    same(echo(rig, "/global/upgrade", method="POST")["method"], "POST")


@row("a page of another site cannot send anything there with the session")
def _(rig):
    cookie = "Cookie: " + get(rig, "/_occ/link?t=once", auth=False).fields["set-cookie"].split(";")[0]
    same(get(rig, "/", cookie, "Origin: http://edge.example", method="POST", auth=False).status, 403)
    same(get(rig, "/", cookie, "Origin: http://" + NAME, method="POST", auth=False).status, 200)


@row("WebSockets go there as well")
def _(rig):
    c = Client(rig.port)
    c.ask("/ws", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Origin: http://" + NAME,
          host=NAME)
    same(c.head().status, 101)
    c.raw(b"\x81\x82\0\0\0\0hi")
    same(c.stream.read(4), b"\x81\x02hi")
    c.close()


@row("event streams, too")
def _(rig):
    c = Client(rig.port)
    c.ask("/sse", host=NAME)
    same(c.head().status, 200)
    same(c.chunk(), b"data: first\n\n")
    c.close()


@row("a port that is not published: 404, and what to do")
def _(rig):
    a = get(rig, "/", host="4000.preview.edge.example")
    same(a.status, 404)
    holds(a.body, b"occ config add container.ports 4000:4000")


@row("a port behind which nobody listens: 502, and opencode is none the worse")
def _(rig):
    same(get(rig, "/", host="5000.preview.edge.example").status, 502)
    same(get(rig, "/cut").status, 200)
    same(rig.facts()["up"], 1)
    same(rig.facts()["restarts"], 0)


@row("it needs no opencode")
def _(rig):
    opencode.kill()
    until(lambda: rig.facts()["up"] == 0 or get(rig, "/global/health", host="edge.example").status == 503)
    same(echo(rig, "/")["pid"], app.child.pid)


def main():
    rig = Rig(opencode.port, hold_s=1, name="*.preview.edge.example", previews="3000:%d,5000:%d" % (app.port, nobody))
    status = run(rig)
    rig.end()
    app.kill()
    return status


sys.exit(main())

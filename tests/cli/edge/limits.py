"""Slow clients, many of them, deadlines; and who is let in."""
import base64
import sys

from kit import AUTH, Back, Client, Rig, holds, row, run, same, until


back = Back()


def basic(password):
    return "Authorization: Basic " + base64.b64encode(b"user:" + password.encode()).decode()


@row("a slow head is cut, whatever comes in between")
def _(rig):
    c = Client(rig.port)
    c.raw(b"GET / HTTP/1.1\r\n")
    same(c.answer().status, 408)
    assert c.is_closed()


@row("who says nothing hears nothing")
def _(rig):
    assert Client(rig.port).is_closed()


@row("a body that stops coming is cut")
def _(rig):
    c = Client(rig.port)
    c.ask("/", "Content-Length: 100", method="POST", body=b"half")
    same(c.answer().status, 408)
    assert c.is_closed()


@row("300 slow clients do not keep one that is not waiting")
def _(rig):
    slow = [Client(rig.port) for _ in range(300)]
    for c in slow:
        c.raw(b"GET / HTTP/1.1\r\nX-Slow: ")
    same(Client(rig.port).echo("/")["method"], "GET")
    for c in slow:
        same(c.answer().status, 408)


@row("in a crowd, who takes next to nothing of the answer has a quarter of the time")
def _(_):
    patience = 60
    rig = Rig(back.port, write_ms=1100 * patience)     # the whole is more than that, the quarter much less
    Client(rig.port).echo("/")      # opencode is known to be there, and the password to be good: nobody waits for that
    slow = [Client(rig.port, room=4096) for _ in range(340)]
    for c in slow:
        c.ask("/big?n=1000000")
    for c in slow:
        same(c.head().status, 200)

    def is_over():
        for c in slow:
            c.sip(32)
        return rig.facts()["connections"] < 20
    until(is_over, patience, every=1)
    rig.end()


@row("an idle connection is closed after its time")
def _(rig):
    c = Client(rig.port)
    c.echo("/")
    assert c.is_closed()


@row("without credentials: a page for people, a challenge for programs")
def _(rig):
    c = Client(rig.port)
    a = c.get("/", "Accept: text/html", auth=False)
    same(a.status, 401)
    holds(a.body, b"<form")
    a = c.get("/", auth=False)
    same(a.status, 401)
    holds(a.fields["www-authenticate"], "Basic")


@row("the login form gives a session, with which one gets in")
def _(rig):
    c = Client(rig.port)
    form = b"user=user&password=right&next=%2Fthere"
    a = c.get("/_occ/login", "Content-Type: application/x-www-form-urlencoded", "Origin: http://edge.example", "Content-Length: %d" % len(form),
              method="POST", body=form, auth=False)
    same((a.status, a.fields["location"]), (303, "/there"))
    cookie = a.fields["set-cookie"].split(";")[0]
    e = c.echo("/there", "Cookie: other=1; " + cookie, auth=False)
    same({k.lower(): v for k, v in e["fields"]}["cookie"], "other=1")
    form = form.replace(b"right", b"wrong")
    a = c.get("/_occ/login", "Content-Type: application/x-www-form-urlencoded", "Origin: http://edge.example", "Content-Length: %d" % len(form),
              method="POST", body=form, auth=False)
    same(a.status, 401)
    a = c.get("/_occ/login", "Content-Length: 9999", method="POST", body=b"x" * 9999, auth=False)
    same(a.status, 413)


@row("a link is good once")
def _(rig):
    a = Client(rig.port).get("/_occ/link?t=once", auth=False)
    same((a.status, a.fields["location"]), (303, "/"))
    assert "set-cookie" in a.fields
    assert Client(rig.port).get("/_occ/link?t=other", auth=False).status in (401, 403)


@row("what was found good is not asked about again")
def _(rig):
    c = Client(rig.port)
    c.echo("/")
    rig.facts()
    n = len([line for line in rig.lines if line.startswith("asked")])
    for _ in range(10):
        c.echo("/")
    rig.facts()
    same(len([line for line in rig.lines if line.startswith("asked")]), n)


@row("wrong passwords end in 429, a session goes on")
def _(rig):
    c = Client(rig.port)
    form = b"user=user&password=right"
    a = c.get("/_occ/login", "Content-Type: application/x-www-form-urlencoded", "Origin: http://edge.example", "Content-Length: %d" % len(form),
              method="POST", body=form, auth=False)
    cookie = "Cookie: " + a.fields["set-cookie"].split(";")[0]
    seen = [Client(rig.port).get("/", basic("guess%d" % i), auth=False).status for i in range(8)]
    same(seen[:5], [401] * 5)
    same(seen[-1], 429)
    a = Client(rig.port).get("/", basic("right"), auth=False)
    same(a.status, 429)
    assert int(a.fields["retry-after"]) > 0
    same(c.echo("/", cookie, auth=False)["method"], "GET")


def main():
    rig = Rig(back.port, head_ms=1000, body_ms=1000, idle_s=2)
    status = run(rig)
    rig.end()
    back.kill()
    return status


sys.exit(main())

"""The same through TLS: what differs there."""
import json
import ssl
import sys

from kit import AUTH, Back, Client, Rig, holds, row, run, same, tls_context as context, until


@row("TLS 1.2 and 1.3: a request, kept, pipelined, large both ways")
def _(rig):
    text = b"0123456789" * 40000
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        c = Client(rig.tls, context(version))
        e = c.echo("/", "Content-Length: %d" % len(text), method="POST", body=text)
        same(e["body"], text.decode())
        same({k.lower(): v for k, v in e["fields"]}["x-forwarded-proto"], "https")
        c.raw(b"".join(b"GET /p%d HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % (i, AUTH.encode()) for i in range(300)))
        for i in range(300):
            same(json.loads(c.answer().body)["target"], "/p%d" % i)
        same(c.get("/big?n=3000000").body, (bytes(range(256)) * 12000)[:3000000])


@row("event streams pass at once")
def _(rig):
    c = Client(rig.tls, context())
    c.ask("/sse")
    same(c.head().status, 200)
    same(c.chunk(), b"data: first\n\n")
    until(lambda: Client(rig.port).get("/push?d=second").body == b"1")
    same(c.chunk(), b"data: second\n\n")


@row("plain HTTP where TLS is spoken: 400 with the address to use")
def _(rig):
    a = Client(rig.tls).get("/where", auth=False)
    same(a.status, 400)
    holds(a.body, b"https://edge.example:8443/where")


@row("what is no TLS and no HTTP is closed")
def _(rig):
    c = Client(rig.tls)
    c.raw(b"\x00\x01\x02\x03 nonsense")
    assert c.is_closed()


@row("a client that stops in the middle of the handshake is cut")
def _(rig):
    assert Client(rig.tls).is_closed()


@row("the session's cookie is for https only")
def _(rig):
    form = b"user=user&password=right"
    a = Client(rig.tls, context()).get("/_occ/login", "Content-Type: application/x-www-form-urlencoded", "Origin: https://edge.example",
                                       "Content-Length: %d" % len(form), method="POST", body=form, auth=False)
    same(a.status, 303)
    assert a.fields["set-cookie"].startswith("__Host-") and "; Secure" in a.fields["set-cookie"], a.fields["set-cookie"]


@row("another certificate: connections go on, new ones see it")
def _(rig):
    def certificate():
        c = Client(rig.tls, context())
        return c.sock.getpeercert(binary_form=True)
    old, c = certificate(), Client(rig.tls, context())
    c.echo("/")
    rig.order("reload")
    same(rig.expect("serving "), "serving ok")
    c.echo("/")
    assert certificate() != old


def main():
    back = Back()
    rig = Rig(back.port, handshake_ms=1000)
    status = run(rig)
    rig.end()
    back.kill()
    return status


sys.exit(main())

"""Restarts of opencode, seen through the edge: requests wait and are served, or are told why not."""
import json
import os
import signal
import sys
import threading

from kit import AUTH, Back, Client, Rig, holds, row, run, same, until

back = Back()


def has_silent(rig):
    """Has the request reached opencode that it will not answer?"""
    return json.loads(Client(rig.port).get("/counts").body)["silent"] == 1


def half_asked(rig):
    """A client whose request opencode has begun to read, and waits for the rest of: its head may be late behind the connection."""
    def echoes():
        return json.loads(Client(rig.port).get("/counts").body)["echoes"]
    before = echoes()
    c = Client(rig.port)
    c.ask("/", "Content-Length: 5", method="POST", body=b"hel")
    until(lambda: echoes() > before)
    return c


def in_background(f):
    result = []

    def work():
        try:
            result.append(f())
        except Exception as e:
            result.append(e)
    t = threading.Thread(target=work)
    t.start()

    def finish():
        t.join()
        if isinstance(result[0], Exception):
            raise result[0]
        return result[0]
    return finish


@row("a request while opencode is away waits and is served")
def _(rig):
    old = Client(rig.port).echo("/")["pid"]
    back.kill()
    waiting = in_background(lambda: Client(rig.port).echo("/held"))
    until(lambda: rig.facts()["held"] == 1)
    back.__init__(back.port)
    e = waiting()
    same(e["target"], "/held")
    assert e["pid"] != old


@row("so does one with a body, which is not read before")
def _(rig):
    back.kill()
    until(lambda: rig.facts()["up"] == 0)
    c = Client(rig.port)
    c.ask("/", "Content-Length: 5", "Expect: 100-continue", method="POST")
    until(lambda: rig.facts()["held"] == 1)
    back.__init__(back.port)
    same(c.head().status, 100)
    c.raw(b"hello")
    same(json.loads(c.answer().body)["body"], "hello")


@row("a GET that opencode dies under is asked again, once")
def _(rig):
    c = Client(rig.port)
    c.ask("/silent")
    until(lambda: has_silent(rig))
    back.restart()
    until(lambda: has_silent(rig))
    back.restart()
    same(c.answer().status, 502)


@row("a POST that opencode dies under is not")
def _(rig):
    c = Client(rig.port)
    c.ask("/silent", "Content-Length: 1", method="POST", body=b"x")
    until(lambda: has_silent(rig))
    back.restart()
    same(c.answer().status, 502)


@row("many requests through five restarts: none fails")
def _(rig):
    n = [0] * 6
    stop = threading.Event()

    def ask_on(i):
        c = Client(rig.port)
        while not stop.is_set():
            same(c.echo("/n/%d" % n[i])["target"], "/n/%d" % n[i])
            n[i] += 1

    def all_went_on():
        """Each is past what was under way before, so that no request meets two restarts."""
        before = list(n)
        until(lambda: all(now > then + 2 for now, then in zip(n, before)))
    workers = [in_background(lambda i=i: ask_on(i)) for i in range(6)]
    for _ in range(5):
        all_went_on()
        back.restart()
    all_went_on()
    stop.set()
    for w in workers:
        w()
    assert rig.facts()["restarts"] >= 1


@row("the keeper holds: what is in flight ends, what comes waits, until it releases")
def _(rig):
    slow = half_asked(rig)
    rig.tell("hold 10000")
    waiting = in_background(lambda: Client(rig.port).echo("/later"))
    until(lambda: rig.facts()["held"] == 1)
    slow.raw(b"lo")
    same(json.loads(slow.answer().body)["body"], "hello")
    rig.expect("drained")
    same(rig.facts()["held"], 1)
    rig.order("release")
    same(waiting()["target"], "/later")


@row("a drain that lasts too long is reported as well")
def _(rig):
    c = Client(rig.port)
    c.ask("/silent")
    until(lambda: has_silent(rig))
    rig.order("hold 100")
    rig.expect("drained")
    rig.order("release")
    until(lambda: rig.facts()["up"] == 1)
    c.close()


@row("a worker that has just begun asks before it says that opencode does not answer")
def _(_):
    for _ in range(5):
        rig = Rig(back.port)
        c = Client(rig.port)
        same(c.get("/healthz").status, 200)
        c.close()
        rig.end()


@row("what needs no password leaves room for those who have one")
def _(rig):
    back.kill()
    until(lambda: rig.facts()["up"] == 0)
    crowd = [Client(rig.port) for _ in range(140)]
    for c in crowd:
        c.ask("/site.webmanifest", auth=False)
    until(lambda: rig.facts()["held"] == 128)
    mine = Client(rig.port)
    mine.ask("/mine")
    until(lambda: rig.facts()["held"] == 129)
    back.__init__(back.port)
    same(json.loads(mine.answer().body)["target"], "/mine")
    same(sorted({c.answer().status for c in crowd}), [200, 503])
    for c in crowd:
        c.close()


@row("after hold_s: 503, Retry-After, a page for people; healthz and readyz tell the truth")
def _(_):
    back.kill()
    rig = brief
    c = Client(rig.port)
    until(lambda: rig.facts()["up"] == 0)
    a = c.get("/")
    same(a.status, 503)
    assert int(a.fields["retry-after"]) > 0
    a = c.get("/", "Accept: text/html")
    same((a.status, a.fields["content-type"]), (503, "text/html; charset=utf-8"))
    same(c.get("/readyz").status, 503)
    same(c.get("/healthz").status, 200)
    back.__init__(back.port)
    until(lambda: rig.facts()["up"] == 1)
    same(c.get("/readyz").status, 200)


@row("end: what is under way is finished, then the worker goes")
def _(rig):
    c = half_asked(rig)
    rig.tell("end 10000")
    c.raw(b"lo")
    a = c.answer()
    same((a.status, a.fields["connection"]), (200, "close"))
    c.close()
    same(rig.expect("ended "), "ended 0")


@row("end: what clients have sent already, and what one who has just come sends, is answered")
def _(_):
    rig = Rig(back.port)
    kept, idle, come, half = (Client(rig.port) for _ in range(4))
    kept.echo("/")
    idle.echo("/")
    half.raw(b"GET /half HTTP/1.1\r\n")
    until(lambda: rig.facts()["connections"] == 4)
    os.kill(rig.pid, signal.SIGSTOP)
    kept.ask("/kept")
    rig.order("end 60000")
    os.kill(rig.pid, signal.SIGCONT)
    assert idle.is_closed()
    half.raw(b"Host: edge.example\r\n" + AUTH.encode() + b"\r\n\r\n")
    come.ask("/come")
    for c, target in ((kept, "/kept"), (come, "/come"), (half, "/half")):
        a = c.answer()
        same((a.status, json.loads(a.body)["target"]), (200, target))
        c.close()
    same(rig.expect("ended "), "ended 0")


@row("end: who has just come waits for opencode, and is told when there is no time left")
def _(_):
    for is_back in (True, False):
        rig = Rig(back.port)
        come = Client(rig.port)
        until(lambda: rig.facts()["connections"] == 1)
        back.kill()
        until(lambda: rig.facts()["up"] == 0)
        rig.order("end %d" % (60000 if is_back else 500))
        come.ask("/come")
        if is_back:
            back.__init__(back.port)
        same(come.answer().status, 200 if is_back else 503)
        come.close()
        same(rig.expect("ended "), "ended 0")
    back.__init__(back.port)


@row("end: who says nothing does not keep it")
def _(_):
    rig = Rig(back.port, last_ms=100)
    silent = Client(rig.port)
    until(lambda: rig.facts()["connections"] == 1)
    rig.order("end 60000")
    assert silent.is_closed()
    same(rig.expect("ended "), "ended 0")


@row("a worker without a keeper serves what it has, and ends")
def _(rig):
    orphan = Rig(back.port)
    c = Client(orphan.port)
    c.ask("/sse")
    c.head()
    same(c.chunk(), b"data: first\n\n")
    orphan.child.stdin.close()
    until(lambda: Client(brief.port).get("/push?d=on").body == b"1")
    same(c.chunk(), b"data: on\n\n")
    c.close()
    same(orphan.expect("ended "), "ended 0")


brief = Rig(back.port, hold_s=1)


def main():
    status = run(Rig(back.port, hold_s=60))
    brief.end()
    back.kill()
    return status


sys.exit(main())

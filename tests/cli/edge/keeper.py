"""The edge as a whole, keeper and workers, told to hold as `occ restart` does, while one worker takes over from another."""
import base64
import collections
import json
import os
import select
import socket
import subprocess
import sys

from kit import Back, Client, holds, row, run, same, start, until

OCC = os.environ["OCC"]
PASSWORD = "canary-of-the-keeper"
AUTH = "Authorization: Basic " + base64.b64encode(b"user:" + PASSWORD.encode()).decode()


def occ(*words, stdin=""):
    return subprocess.run([OCC, *words], input=stdin, capture_output=True, text=True, check=True).stdout


def places():
    """Of the control socket: lib/deploy/scope.c."""
    dirs = ("/run/user/%d" % os.geteuid(), os.environ["XDG_RUNTIME_DIR"])
    return [os.path.join(d, "opencode-cloud", "default.edge.sock") for d in dirs]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Control:
    """A connection to the control socket; a lease lasts as long as it."""
    def __init__(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(next(p for p in places() if os.path.exists(p)))
        self.stream = self.sock.makefile("r")

    def send(self, verb, **more):
        self.sock.sendall(json.dumps(dict(verb=verb, **more)).encode() + b"\n")

    def answer(self):
        a = json.loads(self.stream.readline())
        assert a["ok"], a
        return a

    def ask(self, verb, **more):
        self.send(verb, **more)
        return self.answer()

    def has_answer(self):
        return bool(select.select([self.sock], [], [], 0)[0])


class Keeper:
    def __init__(self):
        self.back, self.port = Back(auth=""), free_port()     # before the first start there is no inner password
        for words in (("edge.mode", "plain"), ("edge.port", str(self.port)), ("edge.bind", "127.0.0.1"), ("server.port", str(self.back.port)), ("auth.username", "user")):
            occ("config", "set", *words)
        occ("password", "set", "--stdin", stdin=PASSWORD)
        self.child = start([OCC, "tls", "run"])
        until(lambda: any(os.path.exists(p) for p in places()))
        self.control = Control()
        until(lambda: self.status()["serving"])

    def status(self):
        return self.control.ask("status")

    def other_worker(self):
        """Another port of the container: the worker that has it takes over from this one."""
        before = self.status()["worker_pid"]
        occ("config", "add", "container.ports", "%d:8080" % free_port())
        self.control.ask("reload")
        until(lambda: self.status().get("worker_pid") not in (None, before))

    def in_flight(self):
        """A request whose body is still to come, and which what is behind the edge has."""
        echoes = lambda: json.loads(Client(self.back.port).get("/counts").body)["echoes"]
        before = echoes()
        c = self.ask("/anything", "Content-Length: 5", method="POST")
        until(lambda: echoes() > before)
        return c

    def ask(self, target, *fields, **kw):
        c = Client(self.port)
        c.ask(target, AUTH, *fields, auth=False, **kw)
        return c


@row("a hold is told, and by whom, under a name of its own")
def _(k):
    until(lambda: "requests" in k.status())
    lease, names = Control(), collections.Counter()
    lease.ask("hold", seconds=60, why="test")
    k.control.send("status")
    json.loads(k.control.stream.readline(), object_pairs_hook=lambda pairs: names.update(name for name, _ in pairs))
    same([n for n, times in names.items() if times > 1], [])
    text = occ("tls", "status")
    holds(text, "holds requests for http://127.0.0.1:%d" % k.port)
    holds(text, "Held       test")
    lease.ask("release")
    assert "Held" not in occ("tls", "status")


@row("what a worker holds that has to go is served when the hold is over")
def _(k):
    lease = Control()
    lease.ask("hold", seconds=60, why="test")
    c = k.ask("/anything")
    until(lambda: k.status().get("held") == 1)
    holds(occ("tls", "status"), " 1 held\n")
    k.other_worker()
    lease.ask("release")
    same(c.answer().status, 200)


@row("a drain ends when a worker that has to go has nothing in flight either")
def _(k):
    c = k.in_flight()
    k.other_worker()
    lease, drain = Control(), Control()
    lease.ask("hold", seconds=60, why="test")
    drain.send("drain", seconds=60)
    k.other_worker()
    same(drain.has_answer(), False)
    c.raw(b"hello")
    same(c.answer().status, 200)
    same(drain.answer()["drained"], True)
    lease.ask("release")


@row("and one that is let go of is no drain")
def _(k):
    c = k.in_flight()
    lease, drain = Control(), Control()
    lease.ask("hold", seconds=60, why="test")
    drain.send("drain", seconds=60)
    k.status()                          # asked later, so the drain has been heard
    lease.ask("release")
    same(drain.answer()["drained"], False)
    c.raw(b"hello")
    same(c.answer().status, 200)


def main():
    k = Keeper()
    status = run(k)
    k.child.terminate()
    k.child.wait()
    return status


sys.exit(main())

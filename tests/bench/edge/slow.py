"""Slow clients on the edge's worker; see edge_slow.sh."""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import kit  # noqa: E402

CLIENTS = 2000
NORMAL_MS = 100
CUT_S = 10
MEMORY_KB = 64 * 1024
KINDS = [
    ("heads (-H)", ["-H", "-i", "2"], "/"),
    ("reading (-X)", ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "1"], "/large"),
]
missed = []


def tell(what, value, unit, bar):
    fails = value > bar
    print("%-52s %9.1f %-4s %s bar <= %d" % (what, value, unit, "FAIL" if fails else "PASS", bar), flush=True)
    if fails:
        missed.append(what)


def normal_ms(rig):
    began = time.perf_counter()
    client = kit.Client(rig.port)
    kit.same(client.get("/global/health").status, 200)
    client.close()
    return (time.perf_counter() - began) * 1000


def log_in(rig):
    """The tool sends no Authorization, but a cookie."""
    client = kit.Client(rig.port)
    client.ask("/_occ/login", "Origin: http://edge.example", "Content-Type: application/x-www-form-urlencoded", "Content-Length: 24", method="POST",
               body=b"user=user&password=right", auth=False)
    cookie = client.answer().fields["set-cookie"].split(";")[0]
    client.close()
    return cookie


class Tool:
    """slowhttptest: all connect within two seconds."""
    def __init__(self, rig, options, path):
        self.child = subprocess.Popen(["slowhttptest", "-c", str(CLIENTS), "-r", "1000", "-l", "40", "-p", "5", "-t", "GET",
                                       "-u", "http://127.0.0.1:%d%s" % (rig.port, path), "-j", log_in(rig)] + options,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def step(self):
        time.sleep(0.1)

    def end(self):
        self.child.kill()
        self.child.wait()


class Bodies:
    """What slowhttptest's -B sends is refused before its body: no password, no Origin. These have the password, and a byte every two seconds."""
    def __init__(self, rig):
        head = "POST /small HTTP/1.1\r\nHost: edge.example\r\n%s\r\nContent-Length: 8192\r\n\r\n" % kit.AUTH
        self.socks = []
        for _ in range(CLIENTS):
            s = socket.create_connection(("127.0.0.1", rig.port), 60)
            s.sendall(head.encode())
            self.socks.append(s)
        self.due = time.monotonic()

    def step(self):
        time.sleep(0.1)
        if time.monotonic() < self.due:
            return
        self.due = time.monotonic() + 2
        for s in self.socks:
            try:
                s.send(b"x")
            except OSError:
                pass

    def end(self):
        for s in self.socks:
            s.close()


def attack(rig, name, start):
    """None is to be left ten seconds after the last has come."""
    worst = most = memory = 0
    peak_s = gone_s = None
    clients = start()
    began = time.monotonic()
    while time.monotonic() - began < 45 and gone_s is None:
        worst = max(worst, normal_ms(rig))
        n = rig.facts()["connections"]
        memory = max(memory, peers.rss_kb(rig.pid))
        now = time.monotonic()
        if n > most:
            most, peak_s = n, now
        if most > CLIENTS / 2 and n < CLIENTS / 100:
            gone_s = now
        clients.step()
    clients.end()
    print("%-52s %9d" % (name + ": connections at most", most), flush=True)
    tell(name + ": the worst normal request", worst, "ms", NORMAL_MS)
    tell(name + ": gone after the last has come", (gone_s or float("inf")) - (peak_s or 0), "s", CUT_S)
    tell(name + ": memory", memory, "KiB", MEMORY_KB)


def main():
    with tempfile.TemporaryDirectory(prefix="occ-bench.") as to:
        rig = kit.Rig(peers.start_back(to))
        for name, options, path in KINDS:
            attack(rig, name, lambda: Tool(rig, options, path))
            kit.until(lambda: rig.facts()["connections"] <= 1)
        attack(rig, "bodies", lambda: Bodies(rig))
        peers.leave()
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


sys.exit(main())

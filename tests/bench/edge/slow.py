"""Slow clients on the edge's worker; see edge_slow.sh."""
import os
import subprocess
import sys
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
    ("bodies (-B)", ["-B", "-i", "2", "-s", "8192"], "/"),
    ("reading (-X)", ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32", "-k", "1"], "/big?n=4000000"),
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


def attack(rig, name, options, path):
    """All connect within two seconds. None is to be left ten seconds after the last of them."""
    tool = subprocess.Popen(["slowhttptest", "-c", str(CLIENTS), "-r", "1000", "-l", "40", "-p", "5", "-t", "GET" if "-B" not in options else "POST",
                             "-u", "http://127.0.0.1:%d%s" % (rig.port, path), "-j", kit.AUTH] + options,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    worst = most = memory = 0
    peak_s = gone_s = None
    began = time.monotonic()
    while time.monotonic() - began < 45 and gone_s is None:
        worst = max(worst, normal_ms(rig))
        n = rig.facts()["connections"]
        memory = max(memory, peers.rss_kb(rig.pid))
        now = time.monotonic()
        if n >= most:
            most, peak_s = n, now
        if most > CLIENTS / 4 and n < CLIENTS / 100:
            gone_s = now
        time.sleep(0.1)
    tool.kill()
    tool.wait()
    print("%-52s %9d" % (name + ": connections at most", most), flush=True)
    tell(name + ": the worst normal request", worst, "ms", NORMAL_MS)
    tell(name + ": gone after the last has come", (gone_s or float("inf")) - peak_s, "s", CUT_S)
    tell(name + ": memory", memory, "KiB", MEMORY_KB)


def main():
    back = kit.Back()
    rig = kit.Rig(back.port)
    for name, options, path in KINDS:
        attack(rig, name, options, path)
        kit.until(lambda: rig.facts()["connections"] <= 1)
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


sys.exit(main())

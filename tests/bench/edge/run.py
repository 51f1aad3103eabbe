"""The edge beside its peers; see edge.sh. What is compared runs in turns, so that the machine's other work meets all of them."""
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import peers  # noqa: E402
from peers import kit  # noqa: E402

missed = []
AUTH = kit.AUTH + "\r\n"


CONTEXT = kit.tls_context(ssl.TLSVersion.TLSv1_3)


def dial(peer):
    raw = socket.create_connection(("127.0.0.1", peer.port), 60)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return CONTEXT.wrap_socket(raw, server_hostname="edge.example")


def request(path, more=""):
    return ("GET %s HTTP/1.1\r\nHost: edge.example\r\n%s%s\r\n" % (path, AUTH, more)).encode()


def tell(what, unit, values, bar="", fails=False):
    """One row: a value of each peer, ours first, the ratio to nginx."""
    ratio = values["occ-tls"] / values["nginx"] if values.get("nginx") else 0
    verdict = "" if not bar else ("FAIL" if fails else "PASS") + " bar " + bar
    print("%-44s %s  ratio %.2f  %s" % (what + ", " + unit, "  ".join("%s %9.1f" % v for v in values.items()), ratio, verdict), flush=True)
    if fails:
        missed.append(what)


def percentile(values, p):
    return statistics.quantiles(values, n=100)[p - 1]


def medians(samples):
    return {name: statistics.median(v) for name, v in samples.items()}


def read_until(sock, mark):
    data = b""
    while mark not in data:
        got = sock.recv(65536)
        if not got:
            raise AssertionError("it ended before %r: %r" % (mark, data[:200]))
        data += got


# ---- latency ----

def read_answer(sock, size):
    """The end of an answer with a body of that size."""
    data = b""
    while True:
        data += sock.recv(65536)
        head, end, body = data.partition(b"\r\n\r\n")
        if end and len(body) >= size:
            return


def latency(all_of):
    n = 4000
    socks = [(p, dial(p)) for p in all_of]
    took = {p.name: [] for p in all_of}
    question = request("/small")
    for i in range(n + 200):
        for p, sock in socks:
            began = time.perf_counter_ns()
            sock.sendall(question)
            read_answer(sock, 1024)
            if i >= 200:
                took[p.name].append((time.perf_counter_ns() - began) / 1000)
    ours, theirs = statistics.median(took["occ-tls"]), statistics.median(took["nginx"])
    tell("1 KiB, TLS 1.3, one connection, p50", "us", medians(took), "<= nginx + 5", ours > theirs + 5)
    tell("1 KiB, TLS 1.3, one connection, p99", "us", {k: percentile(v, 99) for k, v in took.items()})


def two(what, took):
    for p in (50, 99):
        values = {k: percentile(v, p) for k, v in took.items()}
        tell("%s, p%d" % (what, p), "us", values, "<= nginx", values["occ-tls"] > values["nginx"])


def events(all_of, back):
    took = {p.name: [] for p in all_of}
    streams = []
    for p in all_of:
        s = dial(p)
        s.sendall(request("/events"))
        streams.append((p, s))
        read_until(s, b"data: first")
    push = socket.create_connection(("127.0.0.1", back), 60)
    for i in range(1500):
        # Whose turn it is to be read first changes, so that nobody always waits for the others.
        push.sendall(b"GET /push HTTP/1.1\r\nHost: x\r\n\r\n")
        left = {s: p for p, s in streams[i % len(streams):] + streams[:i % len(streams)]}
        while left:
            s = kit.select.select(list(left), [], [])[0][0]
            data = s.recv(65536)
            now = time.monotonic_ns()
            found = re.search(rb"data: (\d+)", data)
            if not found:
                continue
            p = left.pop(s)
            if i >= 100:
                took[p.name].append((now - int(found[1])) / 1000)
        answer = b""
        while b"\r\n0\r\n\r\n" not in answer and not re.search(rb"\r\n\r\n\d+$", answer):
            answer += push.recv(65536)
    two("event of a stream", took)


def websockets(all_of):
    took = {p.name: [] for p in all_of}
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    socks = []
    for p in all_of:
        s = dial(p)
        s.sendall(request("/ws", upgrade))
        read_until(s, b"\r\n\r\n")
        socks.append((p, s))
    frame = bytes([0x81, 0x80 | 16]) + b"\0\0\0\0" + b"x" * 16
    for i in range(3000):
        for p, s in socks:
            began = time.perf_counter_ns()
            s.sendall(frame)
            got = 0
            while got < 18:
                got += len(s.recv(4096))
            if i >= 100:
                took[p.name].append((time.perf_counter_ns() - began) / 1000)
    two("WebSocket echo", took)


# ---- throughput ----

def wrk(peer, path, connections, seconds):
    out = subprocess.run(["taskset", "-c", peers.OTHERS_CPU, "wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "-H", kit.AUTH,
                          "https://127.0.0.1:%d%s" % (peer.port, path)], stdout=subprocess.PIPE, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise AssertionError(peer.name + ": " + out)
    rate = float(re.search(r"Requests/sec: +([0-9.]+)", out)[1])
    return rate


def throughput(all_of):
    rates, bytes_s = {p.name: [] for p in all_of}, {p.name: [] for p in all_of}
    for _ in range(5):
        for p in all_of:
            rates[p.name].append(wrk(p, "/small", 64, 3))
    for _ in range(3):
        for p in all_of:
            bytes_s[p.name].append(wrk(p, "/large", 16, 3) * 1.048576)
    rates, bytes_s = medians(rates), medians(bytes_s)
    tell("64 connections", "requests/s", rates, ">= 0.9 x nginx", rates["occ-tls"] < 0.9 * rates["nginx"])
    tell("1 MiB answers", "MB/s", bytes_s, ">= 0.5 x nginx", bytes_s["occ-tls"] < 0.5 * bytes_s["nginx"])


def handshakes(all_of):
    for what, option in (("full", "-new"), ("resumed", "-reuse")):
        rates = {p.name: [] for p in all_of}
        for _ in range(2):
            for p in all_of:
                out = subprocess.run(["taskset", "-c", peers.OTHERS_CPU, "openssl", "s_time", "-connect", "127.0.0.1:%d" % p.port, "-time", "3", option],
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
                found = re.findall(r"(\d+) connections in (\d+) real seconds", out)
                rates[p.name].append(int(found[0][0]) / int(found[0][1]) if found else 0)       # 0: s_time could not
        tell("TLS handshakes, %s" % what, "1/s", medians(rates))


# ---- memory, and many that are silent ----

def memory(all_of):
    n = 500
    before = {p.name: peers.rss_kb(p.pid) for p in all_of}
    each, held = {}, []
    for p in all_of:
        for _ in range(n):
            s = dial(p)
            s.sendall(request("/small"))
            read_answer(s, 1024)
            held.append(s)
        each[p.name] = (peers.rss_kb(p.pid) - before[p.name]) / n
    tell("memory at rest", "KiB", before, "<= nginx", before["occ-tls"] > before["nginx"])
    tell("memory of a silent TLS connection", "KiB", each, "<= 40", each["occ-tls"] > 40)


def many_streams(peer):
    """Two descriptors of the worker's each, and its own limit is that of who starts it."""
    n, seconds = 5000, 20
    socks = []
    for i in range(n):
        s = socket.create_connection(("127.0.0.1", peer.plain), 60)
        s.sendall(request("/events"))
        socks.append(s)
        if i == 0:
            read_until(s, b"data: first")       # the password is known from here on
    for s in socks[1:]:
        read_until(s, b"data: first")
    began = peers.cpu_s(peer.pid)
    time.sleep(seconds)
    share = 100 * (peers.cpu_s(peer.pid) - began) / seconds
    tell("5,000 silent event streams", "% of a core", {"occ-tls": share}, "<= 2", share > 2)
    for s in socks:
        s.close()


def main():
    with tempfile.TemporaryDirectory(prefix="occ-bench.") as to:
        peers.make_certificate(to)
        back = peers.start_back(to)
        os.sched_setaffinity(0, {int(peers.OTHERS_CPU)})
        all_of = list(peers.all_peers(to, back))
        memory(all_of)
        latency(all_of)
        events(all_of, back)
        websockets(all_of)
        throughput(all_of)
        handshakes(all_of)
        many_streams(all_of[0])
        peers.leave()
    print("missed: " + ", ".join(missed) if missed else "every bar is met")
    return 1 if missed else 0


sys.exit(main())

#!/usr/bin/env python3
"""engine.py DIRECTORY SOCKET [MODE N] - a scripted Docker engine: what it has is in DIRECTORY, and it dies, or kills, at its Nth request

MODE is what happens at request N, /_ping included:
  before         the engine is killed before it does it
  after          it does it, and is killed before it answers
  client-before  the program that asks is killed before it is done
  client-after   it is done, and the program is killed before the answer; the engine lives on
Killed is SIGKILL. "N METHOD PATH" is a line in DIRECTORY/requests for every request, names in the place of ids; the one of the fault is in DIRECTORY/fault. A
started engine prints "ready" when it listens, with its containers as a dockerd has them on its return (engine_process.py). Only the standard library's quick
parts are used: it starts a few hundred times in a test.
"""
import json
import os
import re
import signal
import socket
import struct
import sys
import threading
from urllib.parse import parse_qsl, unquote

from engine_api import API, Api, Stream
from engine_process import Processes, end_process
from engine_state import Refusal, State

HEAD_MAX = 1 << 20


class Request:
    """One request, read whole."""

    def __init__(self, connection, method, target, fields, body):
        path, _, query = target.partition("?")
        self.connection = connection
        self.method = method
        self.path = re.sub(r"\A/v1\.\d+(?=/)", "", unquote(path))
        self.query = dict(parse_qsl(query))
        self.fields = fields
        self.body = body

    def json(self):
        return json.loads(self.body)

    def filters(self):
        return json.loads(self.query.get("filters", "{}"))


class Reader:
    """A connection's requests, one after another."""

    def __init__(self, connection):
        self.connection = connection
        self.have = b""

    def more(self):
        data = self.connection.recv(1 << 20)
        self.have += data
        return bool(data)

    def take(self, n):
        while len(self.have) < n:
            if not self.more():
                raise ConnectionError("the end in the middle of a request")
        data, self.have = self.have[:n], self.have[n:]
        return data

    def take_line(self):
        while b"\r\n" not in self.have:
            if len(self.have) > HEAD_MAX or not self.more():
                raise ConnectionError("the end in the middle of a line")
        line, _, self.have = self.have.partition(b"\r\n")
        return line.decode()

    def take_chunks(self):
        data = b""
        while n := int(self.take_line().split(";")[0], 16):
            data += self.take(n)
            self.take_line()
        self.take_line()
        return data

    def next(self):
        if not self.have and not self.more():
            return None
        method, target, _ = self.take_line().split(" ")
        fields = {}
        while line := self.take_line():
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        body = self.take_chunks() if fields.get("transfer-encoding") == "chunked" else self.take(int(fields.get("content-length", 0)))
        return Request(self.connection, method, target, fields, body)


class Script:
    """Counts the requests, and carries out what is to happen at one of them."""

    def __init__(self, state, mode, at):
        self.state = state
        self.mode = mode
        self.at = at
        self.n = 0
        self.lock = threading.Lock()
        self.log = open(os.path.join(state.directory, "requests"), "a", encoding="utf-8")

    def name(self, q):
        """With names for ids, and one for all helpers, whose names are drawn at random."""
        with self.state.lock:
            names = {c["id"]: c["name"] for c in self.state.containers.values()}
        path = re.sub(r"[0-9a-f]{64}", lambda m: names.get(m.group(), "ID"), q.path)
        if "name" in q.query:
            path += "?name=" + q.query["name"]
        return "%s %s" % (q.method, re.sub(r"opencode-cloud-run-[0-9a-f]+", "HELPER", path))

    def count(self, q):
        with self.lock:
            self.n += 1
            line = "%d %s" % (self.n, self.name(q))
            self.log.write(line + "\n")
            self.log.flush()
            if self.n == self.at:
                with open(os.path.join(self.state.directory, "fault"), "w", encoding="utf-8") as f:
                    f.write(line)
            return self.n == self.at

    def happen(self, when, q):
        """True: the client that asked is dead by now."""
        if self.mode == when:
            with self.state.lock:       # nothing else is left half-done
                os.kill(os.getpid(), signal.SIGKILL)
        if self.mode != "client-" + when:
            return False
        pid = struct.unpack("3i", q.connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        end_process(pid)
        return True


def put_head(connection, status, lines):
    head = ["HTTP/1.1 %d -" % status, "Api-Version: " + API, "Server: Docker/24.0.7 (linux)"] + lines
    connection.sendall("\r\n".join(head + ["", ""]).encode())


def answer(connection, result):
    """Whether the connection can take another request."""
    if isinstance(result, Stream):
        kind = "Content-Type: " + ("application/vnd.docker.raw-stream" if result.is_hijack else result.kind)
        put_head(connection, result.status, [kind, "Connection: Upgrade", "Upgrade: tcp"] if result.is_hijack else [kind, "Connection: close"])
        if result.run:
            result.run(connection)
        return False
    status, value = result
    body = b"" if value is None else json.dumps(value).encode()
    put_head(connection, status, [] if status in (204, 304) else ["Content-Type: application/json", "Content-Length: %d" % len(body)])
    connection.sendall(body)
    return True


def do(api, q):
    try:
        return api.handle(q)
    except Refusal as e:
        return e.status, {"message": e.message}


def serve(connection, api, script):
    reader, is_kept = Reader(connection), False
    try:
        while q := reader.next():
            is_now = script.count(q)
            if is_now and script.happen("before", q):
                return
            result = do(api, q)
            is_kept = isinstance(result, Stream) and not result.run
            if is_now:
                script.happen("after", q)
            if not answer(connection, result):
                return
    except OSError:
        pass                # whoever asked is gone
    finally:
        if not is_kept:
            connection.close()


def main():
    directory, path = sys.argv[1:3]
    os.makedirs(directory, exist_ok=True)
    state = State(directory)
    processes = Processes(state)
    script = Script(state, sys.argv[3] if len(sys.argv) > 3 else "", int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(128)
    with state.lock:
        processes.restore()
    print("ready", flush=True)
    api = Api(state, processes)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, api, script), daemon=True).start()


main()

"""engine_process.py - the scripted engine's containers as processes of this machine

The service's image is opencode.py; a container with an entrypoint of its own (the program's helpers) is run as it says, its mount points replaced by the
volumes' directories. A process outlives an engine that is killed, and is killed when the engine comes back, as without live-restore.
"""
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading

from engine_state import Refusal, now

LOCK = ".serving"        # in a home: held by the server that runs on it
MARK = "OCC_SCRIPTED_CONTAINER"
# The copy of the program's ends with a sync of all file systems, for a loss of power: of this machine, and of every test beside this one.
NO_SYNC = "import os\nos.sync = lambda: None\n"
STDOUT, STDERR = 1, 2
END_S = 60


def frame(stream, data):
    return struct.pack(">BxxxI", stream, len(data)) + data


class Run:
    """One run of a container."""

    def __init__(self):
        self.process = None
        self.pumps = []
        self.ended = threading.Event()


class Attachment:
    """A connection that was taken over: gets frames, gives the process's input."""

    def __init__(self, connection):
        self.connection = connection
        self.lock = threading.Lock()

    def put(self, stream, data):
        try:
            with self.lock:
                self.connection.sendall(frame(stream, data))
        except OSError:
            pass                # nobody listens any more; the process goes on

    def close(self):
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.connection.close()


def environment(pid):
    try:
        with open("/proc/%d/environ" % pid, "rb") as f:
            return f.read()
    except OSError:
        return b""


def is_ours(pid, container_id):
    """Does that process live, and is it this container's? A number may be another's by now."""
    return ("%s=%s" % (MARK, container_id)).encode() in environment(pid).split(b"\0")


def end_process(pid, container_id=None):
    """SIGKILL, and back when it is gone with all that it held. With a container's id: if it is that one's, or has ended so far that nobody can tell."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        if container_id is None or is_ours(pid, container_id):
            signal.pidfd_send_signal(fd, signal.SIGKILL)
        elif environment(pid):
            return
        select.select([fd], [], [], END_S)
    except ProcessLookupError:
        pass
    finally:
        os.close(fd)


def listen_on(address):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(address)
        s.listen(128)
    except OSError as e:
        s.close()
        raise Refusal(500, "driver failed programming external connectivity: listen tcp4 %s:%d: bind: %s" % (*address, e.strerror.lower())) from e
    return s


class Processes:
    def __init__(self, state):
        self.state = state
        self.runs = {}          # container id -> Run
        self.attached = {}      # container id -> Attachment, from before its start

    # ---- the engine's return ----

    def restore(self):
        s = self.state
        for c in list(s.containers.values()):
            if c["status"] != "running":
                continue
            end_process(c["pid"], c["id"])
            c.update(status="exited", pid=0, exit=137, finished=now())
        s.save()
        for c in list(s.containers.values()):
            policy, was_started = c["host"]["RestartPolicy"]["Name"], c["started"][:4] != "0001"
            if was_started and (policy == "always" or (policy == "unless-stopped" and not c["is_stopped_by_user"])):
                self.start_again(c)

    def start_again(self, c):
        try:
            self.start(c)
        except Refusal as e:
            c["error"] = e.message
            self.state.save()

    # ---- start ----

    def start(self, c):
        """Under the lock, as all that changes the state."""
        s = self.state
        if c["status"] == "running":
            return False
        if c["host"].get("NetworkMode", "none") != "none":
            s.network(c["host"]["NetworkMode"])
        for other in s.containers.values():
            if other["status"] == "running" and set(s.bindings(other)) & set(s.bindings(c)):
                raise Refusal(500, "driver failed programming external connectivity: Bind for %s:%d failed: port is already allocated" % s.bindings(c)[0])
        run = Run()
        if "Entrypoint" in c["config"]:
            self.spawn_helper(c, run)
        else:
            self.spawn_service(c, run)
        self.runs[c["id"]] = run
        c.update(status="running", pid=run.process.pid, exit=0, error="", started=now(), is_stopped_by_user=False)
        s.save()
        threading.Thread(target=self.reap, args=(c, run), daemon=True).start()
        return True

    def spawn_service(self, c, run):
        s = self.state
        home = next(m["Source"] for m in s.mounts(c) if m["Target"] == "/home/opencode")
        listeners = [listen_on(a) for a in s.bindings(c)]       # as by a proxy of the engine's: there when the start is answered
        env = {"PATH": os.environ["PATH"], MARK: c["id"], "OPENCODE_HOME": s.volume_path(home), "OPENCODE_SECRET": s.path(c, "secret"),
               "OPENCODE_VERSION": s.images[c["image"]]["Config"]["Labels"]["io.opencode-cloud.opencode-version"],
               "OPENCODE_LISTEN_FD": str(listeners[0].fileno()), "OPENCODE_NOTES": s.directory}
        server = os.path.join(os.path.dirname(os.path.abspath(__file__)), "opencode.py")
        with open(s.path(c, "log"), "ab") as log:
            run.process = subprocess.Popen([sys.executable, "-S", "-E", server], env=env, pass_fds=[x.fileno() for x in listeners],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for x in listeners:
            x.close()

    def spawn_helper(self, c, run):
        s, at = self.state, {}
        for m in s.mounts(c):
            at[m["Target"]] = s.volume_path(m["Source"])
            if not m.get("ReadOnly") and self.is_served(m["Source"]):
                with open(os.path.join(s.directory, "TWICE"), "a", encoding="utf-8") as f:
                    f.write("a helper writes where a server runs: %s\n" % m["Source"])
        argv = [at.get(a, a) for a in c["config"]["Entrypoint"] + c["config"]["Cmd"]]
        if argv[:3] == ["python3", "-I", "-c"]:
            argv = [sys.executable, "-I", "-S", "-c", NO_SYNC + argv[3]] + argv[4:]
        env = dict(e.split("=", 1) for e in c["config"]["Env"] + ["%s=%s" % (MARK, c["id"])])
        stdin = subprocess.PIPE if c["config"].get("OpenStdin") else subprocess.DEVNULL
        run.process = subprocess.Popen(argv, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        to = self.attached.get(c["id"])
        for stream, pipe in ((STDOUT, run.process.stdout), (STDERR, run.process.stderr)):
            run.pumps.append(threading.Thread(target=pump, args=(pipe, stream, to), daemon=True))
            run.pumps[-1].start()
        if to and run.process.stdin:
            threading.Thread(target=feed, args=(to.connection, run.process.stdin), daemon=True).start()

    def is_served(self, volume):
        try:
            with open(os.path.join(self.state.volume_path(volume), LOCK), "rb") as f:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    # ---- end ----

    def reap(self, c, run):
        code = run.process.wait()
        for p in run.pumps:
            p.join()
        with self.state.lock:
            c.update(status="exited", pid=0, exit=code if code >= 0 else 128 - code, finished=now())
            if c["id"] in self.state.containers:
                self.state.save()
        run.ended.set()
        to = self.attached.pop(c["id"], None)
        if to:
            to.close()

    def stop(self, c, grace_s):
        """Not under the lock: it waits for the end."""
        with self.state.lock:
            c["is_stopped_by_user"] = True
            self.state.save()
            if c["status"] != "running":
                return False
            run = self.runs[c["id"]]
            run.process.send_signal(signal.SIGTERM)
        if not run.ended.wait(grace_s):
            run.process.kill()
            run.ended.wait()
        return True

    def kill(self, c):
        run = self.runs.get(c["id"])
        if run and not run.ended.is_set():
            run.process.kill()
            run.ended.wait()


def pump(pipe, stream, to):
    while data := os.read(pipe.fileno(), 65536):
        if to:
            to.put(stream, data)
    pipe.close()


def feed(connection, pipe):
    """The connection's end, a killed client's too, is the end of the input."""
    try:
        while data := connection.recv(65536):
            pipe.write(data)
            pipe.flush()
    except OSError:
        pass
    try:
        pipe.close()
    except OSError:
        pass

#!/usr/bin/env python3
"""cases.py prepare DIRECTORY OCC PORT | cases.py run DIRECTORY OCC PORT - changes of version on a scripted engine of its own, each with a fault

prepare makes a service with data below DIRECTORY, does each change once without a fault, keeps what was there before each of them, and prints
"request CHANGE N METHOD" for each request of it. run reads cases from standard input, "CHANGE MODE N" a line (engine.py has the modes), and begins each from what was kept.
Both print "ok NAME" or "bad NAME", and after that what is wrong, a line each, behind two blanks.
"""
import base64
import json
import os
import pickle
import shutil
import signal
import socket
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from engine_process import end_process, is_ours      # noqa: E402

OLD, NEW, BAD = "1.18.32", "1.18.33", "1.18.34"
# name: the command, from which version to which, and its exit status without a fault
CHANGES = {
    "update": (["update", NEW, "--yes", "--now"], OLD, NEW, 0),
    "bad": (["update", BAD, "--yes", "--now"], OLD, BAD, 10),           # says another version than its image: taken back
    "refused": (["update", NEW, "--yes", "--now"], OLD, NEW, 14),       # data behind a link is not copied: called off
    "rollback": (["rollback", "--yes", "--now"], NEW, OLD, 0),
}
NAME = "opencode-cloud-scripted"
COMMAND_S = 180         # far more than any takes
DATA = ".local/share/opencode"
MIGRATED = ("opencode.db", "legacy", "migrated")         # what opencode.py changes with a newer version


class Machine:
    """One engine, and one home of a person with one instance on it."""

    def __init__(self, directory, occ, port):
        self.directory = directory
        self.live = os.path.join(directory, "live")
        self.occ_path = occ
        self.port = port
        self.socket = os.path.join(directory, "s")
        self.engine = None
        self.env = {"PATH": os.environ["PATH"], "HOME": self.at("home"), "XDG_RUNTIME_DIR": self.at("run"), "DOCKER_HOST": "unix://" + self.socket,
                    "PYTHONPYCACHEPREFIX": os.path.join(directory, "pyc")}

    def at(self, *names):
        return os.path.join(self.live, *names)

    def volume(self, *names):
        return self.at("engine", "volumes", NAME + "-home", *names)

    def instance(self, name):
        return self.at("home", ".local/state/opencode-cloud/instances/scripted", name)

    def kept(self, change):
        return os.path.join(self.directory, "before-" + change)

    # ---- processes ----

    def start_engine(self, *fault):
        argv = [sys.executable, "-S", os.path.join(HERE, "engine.py"), self.at("engine"), self.socket] + [str(f) for f in fault]
        self.engine = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        if self.engine.stdout.readline() != b"ready\n":
            raise RuntimeError("the scripted engine does not start")

    def end(self):
        """The engine and what it runs, which outlives it."""
        if not self.engine:
            return
        self.engine.kill()
        self.engine.wait()
        self.engine.stdout.close()
        for c in self.engine_state()["containers"].values():
            if c["status"] == "running":
                end_process(c["pid"], c["id"])
        self.engine = None

    def engine_state(self):
        with open(self.at("engine", "state.json"), encoding="utf-8") as f:
            return json.load(f)

    def occ(self, *words):
        """Exit status and all that was said."""
        argv = [self.occ_path, "--instance", "scripted", *words]
        done = subprocess.run(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_S, text=True, check=False)
        return done.returncode, done.stdout

    def need(self, *words):
        status, said = self.occ(*words)
        if status != 0:
            raise RuntimeError("occ %s: exit status %d\n%s" % (" ".join(words), status, said))
        return said.strip()

    def health(self):
        """The version that answers with the password, or why none does."""
        with open(self.at("password"), encoding="utf-8") as f:
            user = base64.b64encode(("opencode:" + f.read()).encode()).decode()
        request = "GET /global/health HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nConnection: close\r\n\r\n" % user
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self.port), COMMAND_S) as s:
                s.sendall(request.encode())
                while data := s.recv(65536):
                    answer += data
            return json.loads(answer.partition(b"\r\n\r\n")[2])["version"]
        except (OSError, ValueError) as e:
            return "%s, %s" % (answer.decode(), e)

    # ---- data ----

    def sessions(self):
        with open(self.volume(DATA, "sessions"), encoding="utf-8") as f:
            return f.read().split()

    def data(self):
        """Everything in the home but what each start of a server writes: path -> what it is, to the last mode and time."""
        found = {}
        for directory, names, files in os.walk(self.volume()):
            for name in names + files:
                path = os.path.join(directory, name)
                s = os.lstat(path)
                what = os.readlink(path) if stat.S_ISLNK(s.st_mode) else ""
                if stat.S_ISREG(s.st_mode):
                    with open(path, "rb") as f:
                        what = f.read()
                found[os.path.relpath(path, self.volume())] = (s.st_mode, s.st_uid, s.st_gid, s.st_mtime_ns, what)
        for own in (".serving", DATA + "/sessions"):
            found.pop(own, None)
        return found

    def make_data(self):
        """As a person may have it; opencode's data is root's before its first start here, and somebody's after."""
        files = {DATA + "/opencode.db": b"sqlite\n" * 1000, DATA + "/legacy": b"old\n", DATA + "/mine/deep/large": os.urandom(300000), DATA + "/mine/a name/e m p t y": b"",
                 DATA + "/log/today": b"said\n", ".config/opencode/opencode.json": b"{}\n", ".local/state/opencode/kv.json": b"{}\n",
                 ".local/state/opencode/locks/one": b"1\n", ".bashrc": b"alias ll='ls -l'\n", "notes/of mine": b"not opencode's\n"}
        for n, (name, text) in enumerate(files.items()):
            os.makedirs(os.path.dirname(self.volume(name)), exist_ok=True)
            with open(self.volume(name), "wb") as f:
                f.write(text)
            os.chmod(self.volume(name), 0o600 + n % 3 * 0o22)
        os.symlink("/nowhere", self.volume(DATA, "mine/link"))
        os.symlink("large", self.volume(DATA, "mine/deep/beside"))
        for n, (directory, names, files) in enumerate(os.walk(self.volume(), topdown=False)):
            for name in names + files:
                path = os.path.join(directory, name)
                os.chown(path, 1000, 1000, follow_symlinks=False)
                os.utime(path, ns=(10**18, 10**18 + 1000003 * (n + 1)), follow_symlinks=False)


# ---- what has to hold ----

def differences(want, got, is_migrated):
    """is_migrated: a newer version has begun on it, and what it changes is its own."""
    bad = []
    for path in sorted(set(want) | set(got)):
        if is_migrated and any(path == "%s/%s" % (DATA, m) or path.startswith("%s/%s/" % (DATA, m)) for m in MIGRATED):
            if path.endswith("/opencode.db") and not got.get(path, (b"",))[-1].startswith(want[path][-1]):
                bad.append("the database has lost what it held")
            continue
        a, b = want.get(path), got.get(path)
        if is_migrated and path == DATA and a and b:
            a, b = a[:3], b[:3]
        if a != b:
            bad.append("%s: %s, was %s" % (path, *(repr(x)[:120] for x in (b, a))))
    return bad


def check_engine(m, history):
    """One container, with everything that an undisturbed one has, and beside it only what the history names."""
    bad, state = [], m.engine_state()
    containers = list(state["containers"].values())
    if [c["name"] for c in containers] != [NAME] or containers[0]["status"] != "running":
        bad.append("containers: " + ", ".join("%s %s" % (c["name"], c["status"]) for c in containers))
    elif containers[0]["host"]["RestartPolicy"]["Name"] == "no":
        bad.append("nothing would start it after a reboot: its restart policy is no")
    elif not is_ours(containers[0]["pid"], containers[0]["id"]):
        bad.append("the process of the container is gone")
    kept = {u["snapshot"]: u["number"] for u in history if u["snapshot"]}
    volumes = {v for v in state["volumes"] if v not in (NAME + "-home", NAME + "-workspace")}
    if not volumes <= set(kept):
        bad.append("volumes that no history names: " + ", ".join(sorted(volumes - set(kept))))
    tags = {t for t in state["tags"] if t.startswith(NAME + ":before-")}
    if not tags <= {"%s:before-%d" % (NAME, n) for n in kept.values()}:
        bad.append("names of images that no history names: " + ", ".join(sorted(tags)))
    for file, what in (("TWICE", "two at once"), ("NEWER", "an old one on new data"), ("unknown", "the scripted engine does not know")):
        if os.path.exists(m.at("engine", file)):
            with open(m.at("engine", file), encoding="utf-8") as f:
                bad.append("%s: %s" % (what, f.read().strip()))
    return bad


def check(m, want_version, want_sessions, want_data, is_migrated):
    bad = []
    version = m.health()
    if version != want_version:
        bad.append("what serves: %s, want %s" % (version, want_version))
    configured = m.need("config", "get", "image.opencode")
    if configured != want_version:
        bad.append("image.opencode is %s, want %s" % (configured, want_version))
    if os.path.exists(m.instance("update.json")):
        bad.append("a journal is left")
    sessions = m.sessions()
    if sessions[:len(want_sessions)] != want_sessions or set(sessions[len(want_sessions):]) - {want_version}:
        bad.append("sessions: %s, want %s and starts of %s" % (" ".join(sessions), " ".join(want_sessions), want_version))
    return bad + differences(want_data, m.data(), is_migrated) + check_engine(m, json.loads(m.need("history", "--json")))


def has_answered(log):
    """By what the change has said last of its own state."""
    said = [w for line in log.splitlines() if "update " in line for w in ("answered", "failed", "done") if line.endswith(": " + w)]
    return bool(said) and said[-1] != "failed"


def tell(name, bad, *logs):
    print("%s %s" % ("bad" if bad else "ok", name))
    for line in bad + [line for log in logs if bad for line in log.splitlines()]:
        print("  " + line)
    sys.stdout.flush()


# ---- cases ----

def keep(m, change):
    """What there is, with the engine's end: its return begins each case."""
    shutil.rmtree(m.kept(change), ignore_errors=True)
    subprocess.run(["cp", "-a", m.live, m.kept(change)], check=True)


def begin(m, change, *fault):
    shutil.rmtree(m.live, ignore_errors=True)
    subprocess.run(["cp", "-a", m.kept(change), m.live], check=True)
    for file in ("requests", "fault"):
        if os.path.exists(m.at("engine", file)):
            os.unlink(m.at("engine", file))
    m.start_engine(*fault)
    return m.health(), m.sessions(), m.data()


def requests(m):
    with open(m.at("engine", "requests"), encoding="utf-8") as f:
        return f.read().splitlines()


def aim(m, change, is_done, before):
    """What check wants: of the change, when it is done, or of before."""
    _, origin, goal, _ = CHANGES[change]
    if change == "rollback" and is_done:       # the data of then
        with open(m.at("then"), "rb") as f:
            sessions, data = pickle.load(f)
        return goal, sessions, data, False
    return (goal if is_done else origin), before[1], before[2], is_done


def undisturbed(m, change):
    command, origin, _, want = CHANGES[change]
    before = begin(m, change)
    status, said = m.occ("-v", *command)
    asked, is_done = requests(m), want == 0
    bad = check(m, *aim(m, change, is_done, before)) + ([] if before[0] == origin else ["%s served before" % before[0]])
    if status != want:
        bad.append("exit status %d, want %d" % (status, want))
    m.end()
    tell("%s without a fault" % change, bad, said)
    for line in asked:
        print("request %s %s" % (change, " ".join(line.split()[:2])))
    return before


def label(m, change, mode, at):
    """With the request that it was, if there was one."""
    if not os.path.exists(m.at("engine", "fault")):
        return "%s, %s %s (not reached)" % (change, mode, at)
    with open(m.at("engine", "fault"), encoding="utf-8") as f:
        return "%s, %s %s" % (change, mode, f.read())


def one(m, change, mode, at):
    before = begin(m, change, mode, at)
    status, said = m.occ("-v", *CHANGES[change][0])
    m.health()          # what was started has written to the data by now
    name = label(m, change, mode, at)
    if not mode.startswith("client") and not name.endswith("(not reached)"):
        m.engine.wait()
        m.engine.stdout.close()
        m.start_engine()
        m.health()          # and what the engine has started again
    is_done = has_answered(said)
    started, start_said = m.occ("-v", "start", "--now")
    bad = [] if started == 0 else ["start: exit status %d" % started]
    bad += check(m, *aim(m, change, is_done, before))
    m.end()
    tell(name, bad, "the change ended with %d and said:" % status, said, "start said:", start_said)


def run(m):
    for line in sys.stdin:
        try:
            one(m, *line.split())
        except (OSError, RuntimeError, ValueError, LookupError, subprocess.SubprocessError) as e:
            m.end()
            tell(line.strip().replace(" ", ", ", 1), ["%s: %s" % (type(e).__name__, e)])


def prepare(m):
    for directory in ("home", "run", "engine"):
        os.makedirs(m.at(directory))
    m.start_engine()
    m.need("config", "set", "server.port", str(m.port))
    m.need("config", "set", "update.watch_seconds", "1")
    for version in (BAD, NEW, OLD):         # so that all images are there; the oldest is to begin on data that no other has seen
        m.need("config", "set", "image.opencode", version)
        m.need("start", "--now")
        m.need("stop", "--remove", "--now")
        shutil.rmtree(m.volume(".local"))
    with open(m.at("password"), "w", encoding="utf-8") as f:
        f.write(m.need("password", "show"))
    m.make_data()
    m.need("start", "--now")
    m.end()
    keep(m, "update")
    keep(m, "bad")
    os.rename(m.volume(".config/opencode"), m.volume(".config/away"))
    os.symlink("away", m.volume(".config/opencode"))
    keep(m, "refused")
    undisturbed(m, "bad")
    undisturbed(m, "refused")
    _, sessions, data = undisturbed(m, "update")
    with open(m.at("then"), "wb") as f:
        pickle.dump((sessions, data), f)
    keep(m, "rollback")
    undisturbed(m, "rollback")


def main():
    m = Machine(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        {"prepare": prepare, "run": run}[sys.argv[1]](m)
    finally:
        m.end()


main()

#!/usr/bin/env python3
"""shell, exec and attach on a terminal: keys, sizes, signals, exit statuses, and the terminal as it was afterwards."""
import hashlib
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from term import OCC, Term, done, equal, row, until  # noqa: E402

PROMPT = rb"[$#] $"


def inside(*argv):
    """Output of a command in the container."""
    return subprocess.run(OCC + ["exec", "-T", "-n", "--", *argv], stdout=subprocess.PIPE, timeout=180).stdout.decode().strip()


def running(word):
    """Processes in the container whose command line holds the word; the brackets keep the search itself out."""
    return inside("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -ac '[%s]%s' || true" % (word[0], word[1:]))


def shell():
    t = Term(OCC + ["shell"], rows=30, columns=100)
    row(t.expect(PROMPT), "shell: a prompt", t.seen)
    t.type("id -un; pwd; echo $TERM; stty size; tty | cut -c1-8\r")
    out = t.expect(rb"/dev/pts")
    row(out and b"opencode\r\n/home/opencode/workspace\r\nxterm-256color\r\n30 100\r\n" in out, "shell: user, directory, TERM and size", out, t.seen)
    t.resize(44, 133)
    t.type("for i in 1 2 3 4 5 6 7 8 9; do stty size | grep '44 133' && break; sleep 0.2; done\r")
    row(t.expect(rb"[\r\n]44 133"), "shell: a new window size arrives", t.seen)
    t.type("sleep 1000\r")
    t.expect(rb"sleep 1000\r\n")
    row(until(lambda: running("sleep 1000") != "0"), "shell: the command runs")
    t.type("\x03")
    t.type("echo after=$?\r")
    row(t.expect(rb"after=130"), "shell: Ctrl-C reaches the program, not occ", t.seen)
    t.type("exit 37\r")
    equal("shell: exit status", t.wait(), 37)
    row(t.are_modes_restored(), "shell: the terminal is as it was")
    t.close()


def root_shell():
    t = Term(OCC + ["shell", "--root"])
    out = t.expect(rb"# $")
    row(out and b"without capabilities" in out, "shell --root: says what it is", out, t.seen)
    t.type("id -u; grep CapEff /proc/self/status; exit\r")
    out = t.expect(rb"CapEff:\s+[0-9a-f]+")
    row(out and b"\r0\r\n" in out and out.endswith(b"0000000000000000"), "shell --root: user 0 without any capability", out, t.seen)
    equal("shell --root: exit status", t.wait(), 0)
    t.close()


def exec_modes():
    t = Term(OCC + ["exec", "--", "sh", "-c", "test -t 0 && test -t 1 && echo terminal; exit 5"])
    row(t.expect("terminal"), "exec: a terminal when there is one", t.seen)
    equal("exec: exit status on a terminal", t.wait(), 5)
    row(t.are_modes_restored(), "exec: the terminal is as it was")
    t.close()
    t = Term(OCC + ["exec", "-T", "--", "sh", "-c", "test -t 0 || test -t 1 || echo none"])
    row(t.expect("none"), "exec -T: none", t.seen)
    t.type("\x04")
    equal("exec -T: exit status", t.wait(), 0)
    t.close()
    out = subprocess.run(OCC + ["exec", "-t", "-n", "--", "sh", "-c", "test -t 1 && echo terminal"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=180)
    equal("exec -t: a terminal without one here", out.stdout, b"terminal\r\n")


def big_paste():
    """10 MB through a raw terminal and back would be echoed; so one way each, with sums."""
    t = Term(OCC + ["exec", "--", "sh", "-c", "stty raw -echo; echo ready; head -c 300000 | sha256sum"])
    t.expect("ready")
    data = (b"0123456789abcdef" * 64 + b"\n") * 300
    data = data[:300000]
    t.type(data)
    want = hashlib.sha256(data).hexdigest().encode()
    row(t.expect(want), "exec: 300 kB typed arrive as they are", t.seen)
    equal("exec: and it ends", t.wait(), 0)
    t.close()
    t = Term(OCC + ["exec", "--", "sh", "-c", "stty raw -echo; head -c 10000000 /dev/zero | tr '\\0' x; printf END; read x"])
    out = t.expect("END")
    row(out and len(out) == 10000003 and out.count(b"x") == 10000000, "exec: 10 MB to the screen", out and len(out))
    t.type("\n")
    t.wait()
    t.close()


def signals():
    t = Term(OCC + ["exec", "-T", "-n", "--", "sh", "-c", "echo go; sleep 4242"])
    t.expect("go")
    t.type("\x03")
    equal("exec -T: Ctrl-C ends it with 130", t.wait(), 130)
    row(until(lambda: running("sleep 4242") == "0"), "exec -T: and the command in the container")
    row(b"occ" not in t.seen, "exec -T: without a word", t.seen)
    t.close()
    t = Term(OCC + ["exec", "--", "sh", "-c", "echo go; sleep 4343"])
    t.expect("go")
    os.kill(t.pid, signal.SIGHUP)
    equal("exec: a closed window ends it with 129", t.wait(), 129)
    row(until(lambda: running("sleep 4343") == "0"), "exec: and the command in the container")
    row(t.are_modes_restored(), "exec: the terminal is as it was after a signal")
    t.close()
    t = Term(OCC + ["shell"])
    t.expect(PROMPT)
    t.type("sleep 4444\r")
    t.expect("4444\r\n")
    os.close(t.master)
    row(until(lambda: os.waitpid(t.pid, os.WNOHANG)[0] != 0), "shell: ends when its terminal is gone")
    t.status = 129
    row(until(lambda: running("sleep 4444") == "0"), "shell: and what ran in it")
    t.close()


def attach():
    t = Term(OCC + ["attach"], rows=40, columns=120)
    row(t.expect(rb"\x1b\[\?1049h", 180) and t.expect(rb"Ask anything|ctrl\+p|OpenCode|opencode", 180), "attach: opencode's interface draws itself", t.seen[-400:])
    row(b"opencode server" not in t.seen, "attach: on the server, not a second one")
    argv = inside("sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '")
    row("attach http://127.0.0.1:3000" in argv, "attach: the client runs in the container", argv)
    password = subprocess.run(OCC + ["password", "show"], stdout=subprocess.PIPE).stdout.decode().strip()
    row(password and password not in argv, "attach: the password is in no argument list")
    t.type("\x03")
    status = t.wait(10)
    if status is None:
        t.type("\x03")
        status = t.wait(20)
    row(status is not None, "attach: its own keys end it", t.seen[-200:])
    row(t.are_modes_restored(), "attach: the terminal is as it was")
    t.close()
    out = subprocess.run(OCC + ["attach"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)
    equal("attach: without a terminal exit 2", out.returncode, 2)


for test in (shell, root_shell, exec_modes, big_paste, signals, attach):
    test()
done()

"""A person at a terminal: a program on a pseudo-terminal, keys typed, the screen's bytes waited for. Rows as TAP."""
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time

OCC = [os.environ.get("OCC", "occ")] + os.environ.get("OCC_ARGS", "").split()
rows = bad = 0


def row(is_ok, name, *why):
    global rows, bad
    rows += 1
    bad += not is_ok
    print(("ok - " if is_ok else "not ok - ") + name)
    if not is_ok:
        for text in why:
            for line in str(text).splitlines()[:40]:
                print("#   " + line)
    sys.stdout.flush()
    return is_ok


def equal(name, got, want):
    return row(got == want, name, "got:  %r" % (got,), "want: %r" % (want,))


def done():
    print("1..%d" % rows)
    sys.exit(1 if bad else 0)


SPAN = 4096     # no pattern is longer than this: what was searched is not searched again


class Term:
    """The program leads a session of its own on the terminal, as from a shell without job control."""

    def __init__(self, argv, rows=24, columns=80, env=None, err=None):
        self.master, slave = os.openpty()
        self.resize(rows, columns, tell=False)
        self.modes = termios.tcgetattr(slave)
        self.slave = slave
        self.seen = bytearray()
        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.become(argv, slave, env, err)
            finally:
                os._exit(127)

    @staticmethod
    def become(argv, slave, env, err):
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave if fd < 2 or err is None else err, fd)
        os.execvpe(argv[0], argv, dict(os.environ, TERM="xterm-256color", **(env or {})))

    def resize(self, rows, columns, tell=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            os.kill(self.pid, signal.SIGWINCH)

    def type(self, text):
        data = text.encode() if isinstance(text, str) else text
        while data:
            select.select([], [self.master], [], 10)
            data = data[os.write(self.master, data[:1024]):]

    def read(self, due):
        left = due - time.monotonic()
        if left <= 0 or not select.select([self.master], [], [], left)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.seen += data
        return bool(data)

    def expect(self, pattern, seconds=180):
        """Bytes up to and with the pattern, taken off what was seen; None when it does not come."""
        due = time.monotonic() + seconds
        pattern = re.compile(pattern.encode() if isinstance(pattern, str) else pattern)
        searched = 0
        while True:
            found = pattern.search(self.seen, max(0, searched - SPAN))
            if found:
                taken = bytes(self.seen[: found.end()])
                del self.seen[: found.end()]
                return taken
            searched = len(self.seen)
            if not self.read(due):
                return None

    def wait(self, seconds=180):
        """Exit status as a shell counts it; None when it does not end."""
        due = time.monotonic() + seconds
        while self.status is None and time.monotonic() < due:
            self.read(time.monotonic() + 0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.status = code if code >= 0 else 128 - code
        return self.status

    def are_modes_restored(self):
        return termios.tcgetattr(self.slave) == self.modes

    def close(self):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        for fd in (self.master, self.slave):
            try:
                os.close(fd)
            except OSError:
                pass


def until(condition, seconds=180):
    due = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= due:
            return False
        time.sleep(0.05)
    return True

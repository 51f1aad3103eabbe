#!/usr/bin/env python3
"""auth login: opencode's real dialogue up to the redirect of its browser login, which a person pastes. Needs no network: the provider is
never asked, because the redirect says that the person refused."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from term import OCC, Term, done, equal, row  # noqa: E402

SECRET = "denied-3f81c2"
HINT = rb"http://localhost:(\d+)/\.\.\. and cannot open it, copy that address and paste it here"


def login(columns):
    t = Term(OCC + ["auth", "login", "--provider", "openai"], rows=40, columns=columns)
    row(t.expect(rb"\(browser\)"), "the provider's ways to log in", t.seen)
    t.type("\r")
    found = t.expect(HINT)
    if not row(found, "%d columns: the redirect is seen and explained" % columns, t.seen[-2000:]):
        done()
    return t, int(re.search(HINT, found)[1])


t, port = login(100)
t.type("http://localhost:%d/nowhere\r" % port)
row(t.expect(rb"answered with HTTP 404"), "an address that the login does not know", t.seen[-500:])
t.type("\x1b[200~http://127.0.0.1:%d/auth/callback?error=access_denied&error_description=%s\x1b[201~" % (port, SECRET))
row(t.expect(rb"address delivered"), "a bracketed paste is delivered", t.seen[-500:])
row(t.wait() is not None, "the login has got it, and ends", t.seen[-500:])
row(t.are_modes_restored(), "the terminal is as it was")
t.close()

# A narrow screen breaks the address into lines; the paste comes without Enter, in two pieces.
t, port = login(50)
url = "http://localhost:%d/auth/callback?error=access_denied&error_description=%s" % (port, SECRET)
t.type(url[:40])
t.type(url[40:])
row(t.expect(rb"address delivered"), "a paste in pieces, without Enter", t.seen[-500:])
row(t.wait() is not None, "the login has got it, and ends", t.seen[-500:])
t.close()

# From another terminal, and from a script.
t, port = login(100)
url = "http://localhost:%d/auth/callback?error=access_denied&error_description=%s" % (port, SECRET)
other = Term(OCC + ["auth", "login", "--callback"])
row(other.expect("Address"), "--callback asks", other.seen)
other.type("http://localhost:%d/nowhere\r" % port)
equal("--callback: the login's refusal is a failure", other.wait(90), 1)
other.close()
out = subprocess.run(OCC + ["auth", "login", "--callback"], input=url.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180)
equal("--callback from a pipe", out.returncode, 0)
row(t.wait() is not None, "the login has got it, and ends", t.seen[-500:])
t.close()


def refused(name, text, want):
    out = subprocess.run(OCC + ["auth", "login", "--callback"], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180)
    equal(name, out.returncode, want)


refused("--callback: nobody waits", url, 1)
refused("--callback: another host", "http://example.com:1455/cb", 2)
refused("--callback: two lines", url + "\nurl = http://example.com/", 2)
log = subprocess.run(OCC + ["logs"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180).stdout
row(SECRET.encode() not in log, "the address is in no log")

# Keys that are not for us
t = Term(OCC + ["auth", "login"], rows=40, columns=100)
row(t.expect(rb"Select provider|Search"), "without a provider: the dialogue asks", t.seen)
t.type("\x03")
row(t.wait() is not None, "Ctrl-C is the dialogue's", t.seen[-300:])
t.close()

out = subprocess.run(OCC + ["auth", "login"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=180)
equal("without a terminal: exit 2", out.returncode, 2)
row(b"secret set" in out.stderr, "without a terminal: what to do instead", out.stderr)
out = subprocess.run(OCC + ["auth", "list"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180)
row(out.returncode == 0 and b"credentials" in out.stdout, "auth list", out.stdout)
done()

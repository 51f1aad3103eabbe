"""The access log: who ended what lasts."""
import sys

from kit import Back, Client, Rig, WebSocket, row, run, same, until


def opened(rig, path="/ws"):
    w = WebSocket(rig.port, path)
    same(w.opened.status, 101)
    return w


def listener(rig):
    c = Client(rig.port)
    c.ask("/sse")
    c.head()
    same(c.chunk(), b"data: first\n\n")
    return c


def note(rig):
    return rig.logged().get("note")


def notes(rig):
    """Of an event stream and a websocket, whichever comes first."""
    return {e["target"]: e["note"] for e in (rig.logged(), rig.logged())}


@row("a request that is answered: nothing")
def _(rig):
    Client(rig.port).get("/204")
    same(note(rig), None)


@row("a websocket that the client closes, with a code")
def _(rig):
    opened(rig).frame(8, b"\x03\xe9")
    same(note(rig), "ended by the client, code 1001")


@row("without one")
def _(rig):
    opened(rig).frame(8, b"")
    same(note(rig), "ended by the client, code 1005")


@row("without a word")
def _(rig):
    opened(rig).close()
    same(note(rig), "ended by the client")


@row("that was asked for twice: an end before its begin is none")
def _(rig):
    opened(rig, "/ws-second").close()
    same(note(rig), "ended by the client")


@row("that opencode closes")
def _(rig):
    w = opened(rig)
    w.frame(1, b"close")
    same(w.heard(), (8, b"\x0f\xa1"))
    w.frame(8, b"\x0f\xa1")
    same(note(rig), "ended by opencode, code 4001")


@row("an event stream that its client leaves")
def _(rig):
    listener(rig).close()
    same(note(rig), "ended by the client")


@row("both, when opencode is to be restarted")
def _(rig):
    w, c = opened(rig), listener(rig)
    rig.order("hold 5000")
    same(notes(rig), dict.fromkeys(("/ws", "/sse"), "ended for a restart"))
    rig.order("release")
    until(lambda: rig.facts()["up"] == 1)
    w.close()
    c.close()


@row("both, when opencode has died")
def _(rig):
    w, c = opened(rig), listener(rig)
    back.kill()
    same(notes(rig), dict.fromkeys(("/ws", "/sse"), "ended by opencode"))
    w.close()
    c.close()


back = Back()


def main():
    rig = Rig(back.port, log="json")
    status = run(rig)
    rig.end()
    back.kill()
    return status


sys.exit(main())

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


def ended(name, begin, end, want):
    @row(name)
    def _(rig):
        end(begin(rig))
        same(note(rig), want)


ended("a websocket that the client closes, with a code", opened, lambda w: w.frame(8, b"\x03\xe9"), "ended by the client, code 1001")
ended("without one", opened, lambda w: w.frame(8, b""), "ended by the client, code 1005")
ended("without a word", opened, WebSocket.close, "ended by the client")
ended("that was asked for twice: an end before its begin is none", lambda rig: opened(rig, "/ws-second"), WebSocket.close, "ended by the client")
ended("an event stream that its client leaves", listener, Client.close, "ended by the client")


@row("that opencode closes")
def _(rig):
    w = opened(rig)
    w.frame(1, b"close")
    same(w.heard(), (8, b"\x0f\xa1"))
    w.frame(8, b"\x0f\xa1")
    same(note(rig), "ended by opencode, code 4001")


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

"""Real HTTPS servers for remote_test: https_server.py DIR

Makes a CA and certificates in DIR with openssl, listens on ports of the system's choice on 127.0.0.1, prints one line
"name port ..." and serves until its standard input ends.
"""
import base64
import http.server
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading

CNF = """
[ca]
default_ca = d
[d]
database = {0}/index
new_certs_dir = {0}
certificate = {0}/ca.pem
private_key = {0}/ca.key
rand_serial = yes
default_md = sha256
policy = p
unique_subject = no
copy_extensions = copy
[p]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[v3ca]
basicConstraints = critical,CA:true
keyUsage = keyCertSign
"""


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_ca(where):
    os.makedirs(where)
    with open(where + "/index", "w"):
        pass
    with open(where + "/cnf", "w") as f:
        f.write(CNF.format(where))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
            "/CN=test CA", "-config", where + "/cnf", "-extensions", "v3ca", "-keyout", where + "/ca.key", "-out",
            where + "/ca.pem")


def make_leaf(ca, name, names, until="20991231000000Z"):
    base = ca + "/" + name
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-addext", "subjectAltName=" + names, "-config", ca + "/cnf", "-keyout", base + ".key", "-out", base + ".csr")
    openssl("ca", "-batch", "-notext", "-config", ca + "/cnf", "-startdate", "20200101000000Z", "-enddate", until, "-in",
            base + ".csr", "-out", base + ".pem")
    return base


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ports = {}
    posted = []

    def log_message(self, *words):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hold(self):
        self.rfile.read(1)
        self.close_connection = True

    def do_GET(self):
        word, _, rest = self.path[1:].partition("/")
        getattr(self, "get_" + word)(rest)

    def do_POST(self):
        """/post/STATUS answers so, /post/STATUS/hold never, /drop by closing; GET /posted/ tells what came, a line each, and forgets it. Anything else is an address of ntfy's."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        words = self.path.partition("?")[0][1:].split("/")
        if words[0] == "drop":
            self.close_connection = True
            return
        if len(words) > 2 and words[2] == "hold":
            self.hold()
            return
        self.posted.append("%s %s %s" % (self.path, self.headers.get("Content-Type"), body.decode()))
        self.answer(int(words[1]) if words[0] == "post" else 200, b"got it", **({"Location": "/ok"} if words[1:] == ["302"] else {}))

    def get_posted(self, _):
        lines = "\n".join(self.posted)
        self.posted.clear()
        self.answer(200, lines.encode())

    def get_ok(self, _):
        self.answer(200, b"hello")

    def get_status(self, rest):
        self.answer(int(rest), b"body of " + rest.encode())

    def get_redirect(self, rest):
        if int(rest) == 0:
            self.answer(200, b"arrived")
        else:
            self.answer(302, Location="/redirect/%d" % (int(rest) - 1))

    def get_loop(self, _):
        self.answer(302, Location="/loop/")

    def get_to(self, rest):
        name, _, path = rest.partition("/")
        scheme = "http" if name == "plain" else "https"
        self.answer(302, Location="%s://localhost:%d/%s" % (scheme, self.ports[name], path))

    def get_auth(self, _):
        given = self.headers.get("Authorization", "")
        want = "Basic " + base64.b64encode(b"user:p:w").decode()
        self.answer(200 if given == want else 401, b"welcome" if given == want else given.encode())

    def get_fields(self, _):
        self.answer(200, str(self.headers).encode())

    def get_big(self, rest):
        self.answer(200, b"x" * int(rest))

    def get_endless(self, _):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")

    def get_cut(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.close_connection = True

    def get_silent(self, _):
        self.hold()

    def get_stall(self, _):
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        self.wfile.write(b"only this")
        self.wfile.flush()
        self.hold()

    def get_signal(self, _):
        os.kill(os.getppid(), signal.SIGINT)
        self.hold()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, address):
        pass


def serve(name, certificate=None):
    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate + ".pem", certificate + ".key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    Handler.ports[name] = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    ours, theirs = sys.argv[1] + "/ca", sys.argv[1] + "/other"
    make_ca(ours)
    make_ca(theirs)
    here = "DNS:localhost,IP:127.0.0.1"
    serve("good", make_leaf(ours, "good", here))
    serve("wrong", make_leaf(ours, "wrong", "DNS:elsewhere.test"))
    serve("expired", make_leaf(ours, "expired", here, "20200102000000Z"))
    serve("untrusted", make_leaf(theirs, "untrusted", here))
    serve("plain")
    mute = socket.create_server(("127.0.0.1", 0))
    Handler.ports["mute"] = mute.getsockname()[1]
    print(" ".join("%s %d" % row for row in Handler.ports.items()), flush=True)
    sys.stdin.read()


main()

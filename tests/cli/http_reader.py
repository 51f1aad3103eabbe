"""Reads the records of tests/e2e/driver/http_forward with the parser of Python's http.server: a line each, "HASH" or "- REASON"."""
import hashlib
import http.server
import io
import sys


class Reader(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, data):
        self.rfile, self.wfile = io.BytesIO(data), io.BytesIO()
        self.client_address, self.close_connection = ("record", 0), True

    def send_error(self, code, message=None, explain=None):
        self.refusal = "%d %s" % (code, message)

    def handle_expect_100(self):
        return True

    def body(self):
        coding = self.headers.get("Transfer-Encoding")
        if coding is None:
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        assert coding.split(",")[-1].strip() == "chunked"
        parts = []
        while n := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(n))
            assert self.rfile.readline() == b"\r\n"
        assert self.rfile.readline() == b"\r\n"
        return b"".join(parts)

    def one(self):
        self.raw_requestline = self.rfile.readline()
        if not self.parse_request():
            raise ValueError(self.refusal)
        target = self.requestline.split(" ")[1]    # .path has '//' made '/'
        fields = "".join("%s:%s\n" % (k, v.rstrip(" \t")) for k, v in self.headers.items())
        head = "%s\n%s\n%s\n" % (self.command, target, fields)
        return head.encode("latin-1") + self.body() + b"\n"


def meaning(data):
    reader, out = Reader(data), []
    while reader.rfile.tell() < len(data):
        if out and reader.close_connection:
            raise AssertionError("bytes behind the last request")
        out.append(reader.one())
    return hashlib.sha256(b"".join(out)).hexdigest()


stream = open(sys.argv[1], "rb")
while (line := stream.readline()) and not line.startswith(b"#"):
    data = stream.read(int(line.split()[0]))
    try:
        print(meaning(data))
    except ValueError as e:
        print("-", e)

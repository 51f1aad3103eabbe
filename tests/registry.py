#!/usr/bin/env python3
"""registry.py DIRECTORY - a registry for tests: serves the npm packages (*.tgz) of that directory, and knows no others.

Prints "port N" when it listens, on loopback. Every request is a line on standard error: METHOD PATH STATUS. The directory is read anew for each
request. The newest version is the one with the highest numbers.
"""
import base64, hashlib, http.server, json, os, sys, tarfile


def packument(directory, name, base):
    versions = {}
    for file in sorted(os.listdir(directory)):
        if not file.endswith(".tgz"):
            continue
        path = os.path.join(directory, file)
        with tarfile.open(path) as archive:
            manifest = json.load(archive.extractfile("package/package.json"))
        if manifest["name"] != name:
            continue
        with open(path, "rb") as f:
            data = f.read()
        manifest["_id"] = "%s@%s" % (name, manifest["version"])
        manifest["dist"] = {
            "tarball": "%s/%s/-/%s" % (base, name, file),
            "shasum": hashlib.sha1(data).hexdigest(),
            "integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode(),
        }
        versions[manifest["version"]] = manifest
    if not versions:
        return None
    newest = max(versions, key=lambda v: [int(n) for n in v.split(".")])
    return json.dumps({"name": name, "dist-tags": {"latest": newest}, "versions": versions}).encode()


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    directory = "."

    def do_GET(self):
        words = self.path.strip("/").split("/")
        body, kind = None, "application/json"
        if len(words) == 1:
            body = packument(self.directory, words[0], "http://%s:%d" % self.server.server_address)
        elif len(words) == 3 and words[1] == "-" and words[2] in os.listdir(self.directory):
            kind = "application/octet-stream"
            with open(os.path.join(self.directory, words[2]), "rb") as f:
                body = f.read()
        status = 404 if body is None else 200
        body = body or b'{"error":"not found"}'
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code="-", size="-"):
        print(self.command, self.path, int(code), file=sys.stderr, flush=True)


Registry.directory = sys.argv[1]
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
print("port", server.server_address[1], flush=True)
server.serve_forever()

"""engine_api.py - the requests of the Docker Engine API (1.41 to 1.44) that the program makes to start, stop, update and roll back

A route's function gets the request and gives the status and what is to be sent as JSON, or a Stream. What is not here is refused and noted in the file
"unknown": the test wants none.
"""
import json
import os
import re
import subprocess
import threading

from engine_process import STDERR, STDOUT, Attachment, frame, pump
from engine_state import Refusal, new_id

API = "1.43"
INSIDE = b"127.0.0.1:3000"      # opencode, as it is asked inside its container
ENTRYPOINT = ["/usr/bin/tini", "--", "/usr/local/lib/opencode-cloud/entrypoint"]


class Stream:
    """What follows the head is not one JSON value: run(connection) sends it, and the connection ends; None: it is kept by who has it."""

    def __init__(self, run, status=200, is_hijack=False, kind="application/json"):
        self.run = run
        self.status = status
        self.is_hijack = is_hijack
        self.kind = kind


def has_labels(labels, filters):
    return all(labels.get(k) == v for k, _, v in (f.partition("=") for f in filters.get("label", [])))


def tar_file(data):
    """The first file of an archive: its name and what is in it."""
    return data[:100].rstrip(b"\0").decode(), data[512:512 + int(data[124:136].rstrip(b" \0"), 8)]


class Api:
    def __init__(self, state, processes):
        self.s = state
        self.p = processes
        self.execs = {}
        name = r"([^?]+?)"
        self.routes = [(method, re.compile(pattern + r"\Z"), do) for method, pattern, do in (
            ("GET", "/_ping", self.ping),
            ("GET", "/version", self.version),
            ("GET", "/info", self.info),
            ("POST", "/build", self.build),
            ("GET", "/containers/json", self.containers),
            ("POST", "/containers/create", self.create),
            ("GET", "/containers/%s/json" % name, self.inspect),
            ("POST", "/containers/%s/start" % name, self.start),
            ("POST", "/containers/%s/stop" % name, self.stop),
            ("POST", "/containers/%s/wait" % name, self.wait),
            ("POST", "/containers/%s/rename" % name, self.rename),
            ("POST", "/containers/%s/update" % name, self.update),
            ("POST", "/containers/%s/attach" % name, self.attach),
            ("POST", "/containers/%s/exec" % name, self.exec_create),
            ("GET", "/containers/%s/logs" % name, self.logs),
            ("PUT", "/containers/%s/archive" % name, self.put_archive),
            ("GET", "/containers/%s/archive" % name, self.get_archive),
            ("DELETE", "/containers/%s" % name, self.remove),
            ("POST", "/exec/%s/start" % name, self.exec_start),
            ("GET", "/exec/%s/json" % name, self.exec_inspect),
            ("GET", "/images/json", self.images),
            ("GET", "/images/%s/json" % name, self.image),
            ("POST", "/images/%s/tag" % name, self.tag),
            ("DELETE", "/images/%s" % name, self.image_remove),
            ("POST", "/volumes/create", self.volume_create),
            ("GET", "/volumes/%s" % name, self.volume),
            ("GET", "/volumes", self.volumes),
            ("DELETE", "/volumes/%s" % name, self.volume_remove),
            ("POST", "/networks/create", self.network_create),
            ("GET", "/networks/%s" % name, self.network),
            ("DELETE", "/networks/%s" % name, self.network_remove))]

    def handle(self, q):
        for method, pattern, do in self.routes:
            found = pattern.match(q.path) if method == q.method else None
            if found:
                return do(q, *found.groups())
        with open(os.path.join(self.s.directory, "unknown"), "a", encoding="utf-8") as f:
            f.write("%s %s\n" % (q.method, q.path))
        raise Refusal(404, "page not found")

    # ---- the engine ----

    def ping(self, _q):
        return 200, None

    def version(self, _q):
        return 200, {"Version": "24.0.7", "ApiVersion": API, "Os": "linux", "Arch": "amd64"}

    def info(self, _q):
        return 200, {"MemTotal": 8 << 30, "NCPU": 2, "DockerRootDir": "/nowhere", "OperatingSystem": "scripted", "SwapLimit": True}

    # ---- containers ----

    def find(self, name):
        with self.s.lock:
            return self.s.container(name)

    def containers(self, q):
        with self.s.lock:
            all_of_them = list(self.s.containers.values())
            return 200, [{"Id": c["id"], "Names": ["/" + c["name"]], "Image": c["config"]["Image"], "State": c["status"], "Labels": c["config"].get("Labels", {})}
                         for c in all_of_them if has_labels(c["config"].get("Labels", {}), q.filters())]

    def create(self, q):
        with self.s.lock:
            return 201, {"Id": self.s.create(q.query["name"], q.json())["id"], "Warnings": []}

    def inspect(self, _q, name):
        with self.s.lock:
            return 200, self.s.inspect(self.s.container(name))

    def start(self, _q, name):
        with self.s.lock:
            return (204 if self.p.start(self.s.container(name)) else 304), None

    def stop(self, q, name):
        return (204 if self.p.stop(self.find(name), int(q.query.get("t", 10))) else 304), None

    def wait(self, _q, name):
        c = self.find(name)
        run = self.p.runs.get(c["id"])
        if run:
            run.ended.wait()
        return 200, {"StatusCode": c["exit"]}

    def rename(self, q, name):
        with self.s.lock:
            c = self.s.container(name)
            self.s.check_name(q.query["name"])
            c["name"] = q.query["name"]
            self.s.save()
        return 204, None

    def update(self, q, name):
        with self.s.lock:
            self.s.container(name)["host"]["RestartPolicy"] = q.json()["RestartPolicy"]
            self.s.save()
        return 200, {"Warnings": []}

    def remove(self, q, name):
        c = self.find(name)
        if c["status"] == "running" and not q.query.get("force"):
            raise Refusal(409, "You cannot remove a running container %s. Stop the container before attempting removal or force remove" % c["id"])
        self.p.kill(c)
        with self.s.lock:
            if c["id"] in self.s.containers:
                self.s.forget(c)
        return 204, None

    def attach(self, q, name):
        c = self.find(name)
        self.p.attached[c["id"]] = Attachment(q.connection)
        return Stream(None, 101, True)

    def logs(self, q, name):
        c = self.find(name)
        data = b""
        if os.path.exists(self.s.path(c, "log")):
            with open(self.s.path(c, "log"), "rb") as f:
                data = b"".join(f.readlines()[-int(q.query.get("tail", 100)):])
        return Stream(lambda connection: connection.sendall(frame(STDOUT, data)), kind="application/vnd.docker.multiplexed-stream")

    def put_archive(self, q, name):
        """One file, the secret: all that the program puts."""
        c = self.find(name)
        with self.s.lock:
            for file, data in (("secret.tar", q.body), (tar_file(q.body)[0], tar_file(q.body)[1])):
                with open(self.s.path(c, file + ".new"), "wb") as f:
                    f.write(data)
                os.rename(self.s.path(c, file + ".new"), self.s.path(c, file))
        return 200, None

    def get_archive(self, _q, name):
        path = self.s.path(self.find(name), "secret.tar")
        if not os.path.exists(path):
            raise Refusal(404, "Could not find the file in container " + name)
        with open(path, "rb") as f:
            data = f.read()
        return Stream(lambda connection: connection.sendall(data), kind="application/x-tar")

    # ---- commands in containers ----

    def exec_create(self, q, name):
        c = self.find(name)
        if c["status"] != "running":
            raise Refusal(409, "Container %s is not running" % c["id"])
        one = {"ID": new_id(), "Running": False, "ExitCode": None, "container": c, "argv": q.json()["Cmd"]}
        self.execs[one["ID"]] = one
        return 201, {"Id": one["ID"]}

    def exec_start(self, _q, name):
        one = self.execs[name]
        one["Running"] = True
        return Stream(lambda connection: self.exec_run(one, connection), 101, True)

    def exec_run(self, one, connection):
        """What it is told of opencode's port inside is that of the published one here."""
        port = self.s.bindings(one["container"])[0][1]
        told = b""
        while data := connection.recv(65536):
            told += data
        with subprocess.Popen(one["argv"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            to = Attachment(connection)
            pumps = [threading.Thread(target=pump, args=(pipe, stream, to), daemon=True) for stream, pipe in ((STDOUT, process.stdout), (STDERR, process.stderr))]
            for p in pumps:
                p.start()
            process.stdin.write(told.replace(INSIDE, b"127.0.0.1:%d" % port))
            process.stdin.close()
            for p in pumps:
                p.join()
        one.update(Running=False, ExitCode=process.returncode)

    def exec_inspect(self, _q, name):
        return 200, {k: self.execs[name][k] for k in ("ID", "Running", "ExitCode")}

    # ---- images ----

    def build(self, q):
        """No step is done: an image is its labels here."""
        version = json.loads(q.query["buildargs"])["OPENCODE_VERSION"]
        labels = dict(json.loads(q.query["labels"]), **{"io.opencode-cloud.contract": "1", "io.opencode-cloud.opencode-version": version})
        image = {"Id": "sha256:" + new_id(), "Os": "linux", "Architecture": "amd64", "Size": 1000,
                 "Config": {"Labels": labels, "Entrypoint": ENTRYPOINT, "User": "1000:1000"}}
        with self.s.lock:
            self.s.images[image["Id"]] = image
            self.s.tag(image["Id"], q.query["t"])
        said = json.dumps({"stream": "Successfully built %s\n" % image["Id"][7:19]}).encode()
        return Stream(lambda connection: connection.sendall(said))

    def images(self, q):
        with self.s.lock:
            return 200, [{"Id": i, "RepoTags": [t for t, to in self.s.tags.items() if to == i], "Labels": im["Config"]["Labels"]}
                         for i, im in self.s.images.items() if has_labels(im["Config"]["Labels"], q.filters())]

    def image(self, _q, name):
        with self.s.lock:
            return 200, self.s.image(name)

    def tag(self, q, name):
        with self.s.lock:
            self.s.tag(name, "%s:%s" % (q.query["repo"], q.query["tag"]))
        return 201, None

    def image_remove(self, _q, name):
        with self.s.lock:
            self.s.remove_image(name)
        return 200, [{"Untagged": name}]

    # ---- volumes and networks ----

    def volume_create(self, q):
        with self.s.lock:
            return 201, self.s.make_volume(q.json()["Name"], q.json().get("Labels", {}))

    def volumes(self, q):
        with self.s.lock:
            return 200, {"Volumes": [v for v in self.s.volumes.values() if has_labels(v["Labels"], q.filters())], "Warnings": []}

    def volume(self, _q, name):
        with self.s.lock:
            if name not in self.s.volumes:
                raise Refusal(404, "get %s: no such volume" % name)
            return 200, self.s.volumes[name]

    def volume_remove(self, _q, name):
        with self.s.lock:
            self.s.remove_volume(name)
        return 204, None

    def network_create(self, q):
        name = q.json()["Name"]
        with self.s.lock:
            if name in self.s.networks:
                raise Refusal(409, "network with name %s already exists" % name)
            self.s.networks[name] = {"Name": name, "Id": new_id(), "Labels": q.json().get("Labels", {})}
            self.s.save()
            return 201, {"Id": self.s.networks[name]["Id"], "Warning": ""}

    def network(self, _q, name):
        with self.s.lock:
            return 200, self.s.network(name)

    def network_remove(self, _q, name):
        with self.s.lock:
            self.s.network(name)
            del self.s.networks[name]
            self.s.save()
        return 204, None

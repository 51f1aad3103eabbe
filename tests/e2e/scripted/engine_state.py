"""engine_state.py - what the scripted engine has: images, containers, volumes, networks, in one file that is replaced as a whole

Everything here is called with the lock held. A volume is a directory of its name below volumes/, a container's files are below containers/ID.
"""
import json
import os
import shutil
import threading
import time


class Refusal(Exception):
    """An answer in the engine's form of an error."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status
        self.message = message


NEVER = "0001-01-01T00:00:00Z"


def now():
    at = time.time()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".%09dZ" % (at % 1 * 1e9)


def new_id():
    return os.urandom(32).hex()


def with_tag(ref):
    return ref if ":" in ref.rsplit("/", 1)[-1] else ref + ":latest"


class State:
    def __init__(self, directory):
        self.directory = directory
        self.lock = threading.RLock()
        self.file = os.path.join(directory, "state.json")
        self.data = {"images": {}, "tags": {}, "containers": {}, "volumes": {}, "networks": {}}
        if os.path.exists(self.file):
            with open(self.file, encoding="utf-8") as f:
                self.data = json.load(f)
        for kind, value in self.data.items():
            setattr(self, kind, value)

    def save(self):
        with open(self.file + ".new", "w", encoding="utf-8") as f:
            json.dump(self.data, f, indent=1)
        os.rename(self.file + ".new", self.file)

    # ---- containers ----

    def container(self, name):
        for c in self.containers.values():
            if name in (c["name"], c["id"]) or (len(name) >= 12 and c["id"].startswith(name)):
                return c
        raise Refusal(404, "No such container: " + name)

    def path(self, c, name=""):
        return os.path.join(self.directory, "containers", c["id"], name)

    def check_name(self, name):
        for c in self.containers.values():
            if c["name"] == name:
                raise Refusal(409, 'Conflict. The container name "/%s" is already in use by container "%s".' % (name, c["id"]))

    def create(self, name, body):
        self.check_name(name)
        image = self.image(body["Image"])["Id"]
        host = body.pop("HostConfig", {})
        host.setdefault("RestartPolicy", {"Name": "no"})
        for m in host.get("Mounts", []):        # a volume that is not there is made, without a label
            if m["Type"] == "volume" and m["Source"] not in self.volumes:
                self.make_volume(m["Source"], {})
        c = {"id": new_id(), "name": name, "image": image, "config": body, "host": host, "status": "created", "pid": 0, "exit": 0, "error": "",
             "started": NEVER, "finished": NEVER, "is_stopped_by_user": False}
        self.containers[c["id"]] = c
        os.makedirs(self.path(c))
        self.save()
        return c

    def forget(self, c):
        del self.containers[c["id"]]
        shutil.rmtree(self.path(c))
        self.save()

    def bindings(self, c):
        return [(b["HostIp"] or "0.0.0.0", int(b["HostPort"])) for p in c["host"].get("PortBindings", {}).values() for b in p]

    def mounts(self, c):
        return [m for m in c["host"].get("Mounts", []) if m["Type"] == "volume"]

    def inspect(self, c):
        is_running = c["status"] == "running"
        return {
            "Id": c["id"], "Name": "/" + c["name"], "Image": c["image"], "RestartCount": 0, "Config": dict(c["config"], Tty=False), "HostConfig": c["host"],
            "State": {"Status": c["status"], "Running": is_running, "Pid": c["pid"], "ExitCode": c["exit"], "OOMKilled": False, "Error": c["error"],
                      "StartedAt": c["started"], "FinishedAt": c["finished"]},
            "Mounts": [{"Type": "volume", "Name": m["Source"], "Source": self.volume_path(m["Source"]), "Destination": m["Target"],
                        "RW": not m.get("ReadOnly", False)} for m in self.mounts(c)],
            "NetworkSettings": {"Ports": c["host"].get("PortBindings", {}) if is_running else {}},
        }

    # ---- images ----

    def image(self, ref):
        found = self.images.get(ref) or self.images.get(self.tags.get(with_tag(ref), ""))
        if not found:
            raise Refusal(404, "No such image: " + ref)
        return found

    def tag(self, ref, target):
        self.tags[with_tag(target)] = self.image(ref)["Id"]
        self.save()

    def remove_image(self, ref):
        image = self.image(ref)
        names = [t for t, i in self.tags.items() if i == image["Id"]]
        if names == [with_tag(ref)] or ref in self.images:
            for c in self.containers.values():
                if c["image"] == image["Id"]:
                    raise Refusal(409, 'conflict: unable to remove repository reference "%s" (must force) - container %s is using its referenced image %s'
                                  % (ref, c["id"][:12], image["Id"][7:19]))
            for t in names:
                del self.tags[t]
            del self.images[image["Id"]]
        else:
            del self.tags[with_tag(ref)]
        self.save()

    # ---- volumes and networks ----

    def volume_path(self, name):
        return os.path.join(self.directory, "volumes", name)

    def make_volume(self, name, labels):
        if name not in self.volumes:
            os.makedirs(self.volume_path(name))
            self.volumes[name] = {"Name": name, "Driver": "local", "Mountpoint": self.volume_path(name), "Labels": labels, "Scope": "local"}
            self.save()
        return self.volumes[name]

    def remove_volume(self, name):
        if name not in self.volumes:
            raise Refusal(404, "get %s: no such volume" % name)
        users = [c["id"] for c in self.containers.values() if any(m["Source"] == name for m in self.mounts(c))]
        if users:
            raise Refusal(409, "remove %s: volume is in use - [%s]" % (name, ", ".join(users)))
        shutil.rmtree(self.volume_path(name))
        del self.volumes[name]
        self.save()

    def network(self, name):
        if name not in self.networks:
            raise Refusal(404, "network %s not found" % name)
        return self.networks[name]

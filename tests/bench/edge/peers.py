"""Who is measured: each a TLS listener on a port of its own in front of the same server, one worker, pinned to the second processor."""
import atexit
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "cli", "edge"))
import kit  # noqa: E402

PROXY_CPU = "1" if os.cpu_count() > 1 else "0"
OTHERS_CPU = "0"

NGINX = """
user root; worker_processes 1; pid {dir}/nginx.pid; error_log {dir}/nginx.log; daemon off; worker_rlimit_nofile 20000;
events {{ worker_connections 9000; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
  uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
  upstream back {{ server 127.0.0.1:{back}; keepalive 128; keepalive_requests 100000000; }}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {dir}/chain.pem; ssl_certificate_key {dir}/key.pem; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:s:10m;
    location / {{
      proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade; proxy_set_header Upgrade $http_upgrade;
      proxy_read_timeout 3600s;
    }}
    location /events {{ proxy_pass http://back; proxy_http_version 1.1; proxy_set_header Connection ''; proxy_read_timeout 3600s; proxy_buffering off; }}
  }}
}}
"""
BACK = """
user root; worker_processes 1; pid {dir}/back.pid; error_log {dir}/back.log; daemon off; worker_rlimit_nofile 20000;
events {{ worker_connections 15000; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 3600s; client_body_temp_path {dir}/f; proxy_temp_path {dir}/g; fastcgi_temp_path {dir}/h;
  uwsgi_temp_path {dir}/i; scgi_temp_path {dir}/j; sendfile on; open_file_cache max=10;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; root {dir}/www;
    location = /global/health {{ default_type application/json; return 200 '{{"healthy":true,"version":"1.2.3"}}'; }}
    location ~ ^/(events|push|ws)$ {{
      proxy_pass http://127.0.0.1:{back}; proxy_http_version 1.1; proxy_set_header Connection $connection_upgrade; proxy_set_header Upgrade $http_upgrade;
      proxy_buffering off; proxy_read_timeout 3600s;
    }}
  }}
}}
"""
HAPROXY = """
global
  nbthread 1
  maxconn 9000
defaults
  mode http
  timeout connect 5s
  timeout client 3600s
  timeout server 3600s
  timeout tunnel 3600s
  timeout http-keep-alive 600s
frontend f
  bind 127.0.0.1:{port} ssl crt {dir}/both.pem alpn http/1.1
  default_backend b
backend b
  http-reuse always
  server s 127.0.0.1:{back}
"""
CADDY = """
{{
  admin off
  auto_https off
}}
https://:{port} {{
  tls {dir}/chain.pem {dir}/key.pem
  reverse_proxy 127.0.0.1:{back} {{
    flush_interval -1
  }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_certificate(to):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": to, "check": True}
    subprocess.run("openssl ecparam -name prime256v1 -genkey -noout -out key.pem && openssl req -x509 -new -key key.pem -subj /CN=bench -days 2 "
                   "-addext subjectAltName=DNS:edge.example,IP:127.0.0.1 -out chain.pem && cat chain.pem key.pem >both.pem", shell=True, **quiet)


def rss_kb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("Pss:"))


def cpu_s(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid):
    out = subprocess.run(["pgrep", "-P", str(pid)], stdout=subprocess.PIPE, text=True).stdout.split()
    return [int(p) for p in out]


class Peer:
    """pid is the process that carries connections."""
    def __init__(self, name, port, pid, cpu=PROXY_CPU):
        self.name, self.port, self.pid = name, port, pid
        subprocess.run(["taskset", "-acp", cpu, str(pid)], stdout=subprocess.DEVNULL, check=True)


def wait_open(port):
    due = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > due:
                raise
            time.sleep(0.05)


started = []


@atexit.register
def leave():
    """Asked to end, not killed: nginx's workers would stay."""
    for child in started:
        child.terminate()
    for child in started:
        child.wait()


def configured(name, words, text, to, back, cpu=PROXY_CPU):
    port = free_port()
    with open(os.path.join(to, name + ".conf"), "w") as f:
        f.write(text.format(dir=to, port=port, back=back))
    child = subprocess.Popen([w.format(dir=to) for w in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             env=dict(os.environ, GOMAXPROCS="1", HOME=to, XDG_DATA_HOME=to, XDG_CONFIG_HOME=to))
    started.append(child)
    wait_open(port)
    workers = children(child.pid)
    return Peer(name, port, workers[0] if workers else child.pid, cpu)


def start_back(to):
    """Files by an nginx of its own, events and WebSockets by node behind it. Its port."""
    os.mkdir(os.path.join(to, "www"))
    for name, size in (("small", 1 << 10), ("large", 1 << 20)):
        with open(os.path.join(to, "www", name), "wb") as f:
            f.write(b"x" * size)
    node = kit.start(["node", os.path.join(os.path.dirname(os.path.abspath(__file__)), "back.js")], text=True)
    subprocess.run(["taskset", "-acp", OTHERS_CPU, str(node.pid)], stdout=subprocess.DEVNULL, check=True)
    events = int(node.stdout.readline().split()[1])
    return configured("back", ["nginx", "-c", "{dir}/back.conf", "-p", "{dir}"], BACK, to, events, cpu=OTHERS_CPU).port


def all_peers(to, back):
    rig = kit.Rig(back)
    ours = Peer("occ-tls", rig.tls, rig.pid)
    ours.plain = rig.port
    yield ours
    yield configured("nginx", ["nginx", "-c", "{dir}/nginx.conf", "-p", "{dir}"], NGINX, to, back)
    yield configured("haproxy", ["haproxy", "-f", "{dir}/haproxy.conf"], HAPROXY, to, back)
    yield configured("caddy", ["caddy", "run", "--config", "{dir}/caddy.conf", "--adapter", "caddyfile"], CADDY, to, back)

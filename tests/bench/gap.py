#!/usr/bin/env python3
"""gap.py URL STOP-FILE - asks again and again on new connections, each for at most 60 s (GAP_PATIENCE_S), until the stop file is there; the user's name and password are the
first line of standard input. Says the longest time in ms between two answers, how many there were, and how many questions had none, or a bad one."""
import base64
import http.client
import os
import ssl
import sys
import time
import urllib.parse

url, stop = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2]
patience_s = float(os.environ.get("GAP_PATIENCE_S", "60"))
auth = {"Authorization": "Basic " + base64.b64encode(sys.stdin.readline().strip().encode()).decode(), "Connection": "close"}
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE


def ask():
    if url.scheme == "https":
        c = http.client.HTTPSConnection(url.hostname, url.port, timeout=patience_s, context=context)
    else:
        c = http.client.HTTPConnection(url.hostname, url.port, timeout=patience_s)
    try:
        c.request("GET", "/global/health", headers=auth)
        answer = c.getresponse()
        return answer.status == 200 and b'"healthy":true' in answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        c.close()


last = time.monotonic()
longest, good, bad, is_away = 0.0, 0, 0, False
# A gap at the end is one, too: it ends with the next answer.
while is_away or not os.path.exists(stop):
    is_away = not ask()
    if not is_away:
        now = time.monotonic()
        longest, last, good = max(longest, now - last), now, good + 1
    else:
        bad += 1
        time.sleep(0.01)
print("%.0f %d %d" % (longest * 1000, good, bad))

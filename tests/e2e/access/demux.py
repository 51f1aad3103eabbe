#!/usr/bin/env python3
"""demux.py STREAM - the payload of one stream (1 output, 2 errors) out of an engine's framed log on standard input."""
import struct
import sys

data = sys.stdin.buffer.read()
at = 0
while at < len(data):
    stream, size = struct.unpack(">BxxxL", data[at:at + 8])
    if stream == int(sys.argv[1]):
        sys.stdout.buffer.write(data[at + 8:at + 8 + size])
    at += 8 + size

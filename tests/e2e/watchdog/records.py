"""Reads a file of preallocated records by the words of lib/base/slots.h alone: "DAMAGED NEWEST PAYLOAD" on one line.

  records.py FILE      NEWEST is a sequence number, PAYLOAD what it holds; damage anywhere but in one slot, or a payload that is no JSON, ends with 1
"""
import json
import struct
import sys
import zlib

HEAD = struct.Struct("<4sHHQIII")


def main():
    data = open(sys.argv[1], "rb").read()
    _, _, count, _, size, _, _ = HEAD.unpack_from(data)
    if len(data) != count * size:
        sys.exit(f"{len(data)} bytes are not {count} slots of {size}")
    damaged, newest, payload = 0, 0, b"{}"
    for number in range(count):
        slot = data[number * size:(number + 1) * size]
        magic, _, _, seq, _, length, _ = HEAD.unpack_from(slot)
        crc, = struct.unpack_from("<I", slot, HEAD.size)
        body = slot[HEAD.size + 4:][:length]
        if magic != b"OCCS" or zlib.crc32(slot[:HEAD.size] + body) != crc:
            damaged += 1
        elif seq > newest:
            newest, payload = seq, body
    json.loads(payload)
    print(damaged, newest, payload.decode())
    sys.exit(damaged > 1)


main()

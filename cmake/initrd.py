#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the initrd of examples/run.sh: initrd.py INIT BUSYBOX OUT [FILE...]

Each FILE is at the root, executable.

A cpio archive in the "newc" format, compressed. It is written here and not by cpio(1) because
device nodes in it then need no root. The same input gives the same bytes.
"""

import gzip
import os
import stat
import sys


class Archive:
    """The archive's bytes, entry by entry. Everything belongs to root and has no time."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def add(self, name, mode, content=b"", device=(0, 0)):
        self.inode += 1
        path = name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (self.inode, mode, 0, 0, links, 0, len(content), 0, 0, *device, len(path), 0)
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields) + path
        self.pad()
        self.data += content
        self.pad()

    def pad(self):
        """Names and contents end on a multiple of four bytes, counted from the archive's start."""
        self.data += bytes(-len(self.data) % 4)

    def directory(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def program(self, name, content):
        self.add(name, stat.S_IFREG | 0o755, content)

    def character_device(self, name, major, minor):
        self.add(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def finish(self):
        self.inode = -1
        self.add("TRAILER!!!", 0)
        return bytes(self.data)


def main(init, busybox, out, *files):
    archive = Archive()
    for name in ("bin", "sbin", "usr", "usr/bin", "usr/sbin", "dev", "etc", "proc", "sys", "tmp",
                 "root"):
        archive.directory(name)
    # The kernel opens /dev/console for /init before anything could mount /dev.
    archive.character_device("dev/console", 5, 1)
    archive.character_device("dev/null", 1, 3)
    with open(busybox, "rb") as file:
        archive.program("bin/busybox", file.read())
    with open(init, "rb") as file:
        archive.program("init", file.read())
    for path in files:
        with open(path, "rb") as file:
            archive.program(os.path.basename(path), file.read())
    with open(out, "wb") as file:
        file.write(gzip.compress(archive.finish(), mtime=0))


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit("usage: initrd.py INIT BUSYBOX OUT [FILE...]")
    main(*sys.argv[1:])

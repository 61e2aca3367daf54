#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest finds nothing of what was in its memory before: former.py RUN_SH BUILD KERNEL GIC

A machine whose memory outlives it, as that of a real one does over a warm restart: a file. In its
first life a guest leaves a secret everywhere. In the second one another guest has the same memory.
"""

import mmap
import pathlib
import re
import subprocess
import sys
import tempfile

from session import Session, demand, verdict

SECRET = (0x7365637265747321).to_bytes(8, "little") * 512  # as in former.c: a page
MIB = 1 << 20
MEMORY = 64
SECONDS = 120


def secret_pages(file):
    with open(file, "rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return sum(data[at:at + 4096] == SECRET for at in range(0, len(data), 4096))


def live(command):
    """What the guest finds in its memory."""
    with Session(command, 3 * SECONDS) as session:
        found = session.expect(r"^(\d+) words are not zero\.$", SECONDS)
        demand(session.end(SECONDS) == 0, "the exit status is not 0")
        demand(re.search(r"powered off$", session.seen, re.MULTILINE), "it did not power off")
    return int(found.group(1))


def main(run_sh, build, kernel, gic):
    command = subprocess.run([run_sh, "--build", build, "--kernel", kernel, "--cpus", "2",
                              "--vcpus", "1", "--memory", str(MEMORY), "--gic", gic, "--dry-run"],
                             check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()
    size = command[command.index("-m") + 1]
    with verdict():
        with tempfile.TemporaryDirectory() as directory:
            ram = pathlib.Path(directory) / "ram"
            command[command.index("-machine") + 1] += ",memory-backend=ram"
            command += ["-object",
                        f"memory-backend-file,id=ram,mem-path={ram},size={size}M,share=on"]
            demand(live(command) == 0, "new memory is not zero")
            # All but the image, the device tree's block, and a bit.
            pages = secret_pages(ram)
            demand(pages >= (MEMORY - 8) * MIB / 4096, f"the secret is on {pages} pages only")
            found = live(command)
            demand(found == 0, f"{found} words of its memory are somebody else's")


if __name__ == "__main__":
    main(*sys.argv[1:])

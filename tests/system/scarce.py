#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest that gets no memory for its start fails alone: scarce.py RUN_SH BUILD KERNEL start|fetch

Two guests, and so little memory that none is left in the midst of the second one's first start; or
when that one, a firmware, reads its first instruction. How little that is comes from trying: files
that nobody needs are everywhere else.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from overhead import ICOUNT
from session import Session, demand, verdict

PAGE = 4096
IMAGE = 0x40080000  # the mini-host's
BLOCKS = 0x40200000  # where guests' memory begins, 8 MiB each,
FLASH = 0x41200000  # and flash: 2 MiB with the firmware, and 2 that are erased
KERNEL = 0x41600000
FIRMWARE = 0x41700000
TREE = 0x42000000  # QEMU's device tree, of 1 MiB: in the middle of memory
END = 0x44000000
SECONDS = 120
SECOND = {"start": f"vcpus=8 kernel={KERNEL:#x}", "fetch": f"vcpus=1 firmware={FIRMWARE:#x}"}
WAIT = bytes.fromhex("7f2003d5 ffffff17")  # the firmware, if it is read at all: WFI, for ever
MADE = "mini-host: first powered off"
CANNOT = "mini-host: second: the virtual machine cannot be made: "
NO_TABLE = "mini-host: second: vcpu 0: no memory for a table that maps its flash at 0x0"


def align(address):
    return (address + PAGE - 1) // PAGE * PAGE


def machine(qemu, image, kernel, scene, directory):
    """The command, where the free pages begin, and the file that is behind them."""
    files = {}

    def fill(start, end, contents=b""):
        files[start] = directory / f"{start:x}"
        files[start].write_bytes(contents.ljust(end - start, b"\0"))

    free = align(IMAGE + int.from_bytes(image.read_bytes()[16:24], "little")) + PAGE  # its memory map
    fill(0x40001000, IMAGE)
    if scene == "start":
        fill(FLASH, KERNEL)
    fill(align(KERNEL + kernel.stat().st_size), FIRMWARE)
    fill(FIRMWARE, FIRMWARE + PAGE, WAIT)
    fill(FIRMWARE + PAGE, TREE)
    fill(TREE + (1 << 20), END)
    words = (f"mode=virtual memory=8 vm name=first vcpus=1 kernel={KERNEL:#x} "
             f"vm name=second {SECOND[scene]}")
    command = [qemu, "-machine", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a72",
               "-m", f"{(END - 0x40000000) >> 20}", "-nic", "none", "-nographic", "-no-reboot",
               "-device", "pvpanic-pci", "-action", "panic=exit-failure",
               "-kernel", str(image), "-append", words,
               "-device", f"guest-loader,addr={KERNEL:#x},kernel={kernel},bootargs=watch"]
    for start, name in files.items():
        command += ["-device", f"guest-loader,addr={start:#x},initrd={name}"]
    return command, free, fill


def main(run_sh, build, kernel, scene):
    build, kernel = pathlib.Path(build), pathlib.Path(kernel)
    image = build / "examples/mini-host/mini-host.bin"
    qemu = subprocess.run([run_sh, "--build", str(build), "--demo", "--dry-run"], check=True,
                          text=True, stdout=subprocess.PIPE).stdout.splitlines()[0]
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        command, free, fill = machine(qemu, image, kernel, scene, directory)

        def outcome(pages):
            """What is seen until the first guest is off, or has failed."""
            at = free + pages * PAGE
            fill(at, BLOCKS)
            more = ["-device", f"guest-loader,addr={at:#x},initrd={directory / f'{at:x}'}"]
            with Session(command + more + ICOUNT, SECONDS) as session:
                # Then the second one has been at that for long.
                while not re.search(r"^mini-host: first (powered off|failed)$", session.seen,
                                    re.MULTILINE):
                    if not session.read(SECONDS):
                        break
                return session.seen

        low, high = 0, (BLOCKS - free) // PAGE - 1
        demand(MADE in outcome(high), "there is not enough memory at all")
        while high - low > 1:
            middle = (low + high) // 2
            seen = outcome(middle)
            enough = MADE in seen and (scene == "start" or CANNOT not in seen)
            low, high = (low, middle) if enough else (middle, high)
        seen = outcome(high)
        print(f"{seen}\n-----\nwith {high} pages")
        demand((CANNOT if scene == "start" else NO_TABLE) in seen, "it did not fail so")
        demand(MADE in seen, "the other one did not go on")


if __name__ == "__main__":
    with verdict():
        main(*sys.argv[1:])

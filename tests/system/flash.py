#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No access to the flash takes the host long: flash.py RUN_SH BUILD GIC changes|full

U-Boot erases and programs under -icount shift=0,sleep=off, where an instruction is a nanosecond. The
mini-host's table tells how long it took at most. "full": the host's memory is used up, and there is
much of it to look at.
"""

import re
import subprocess
import sys
import tempfile

from overhead import ICOUNT
from session import demand, play

LIMIT = 10_000  # instructions
SECONDS = 400
MUCH = 2048  # MiB, of the guest, which begins behind QEMU's device tree
TREE = 128  # and that is so far from RAM base
REST = 10
# A file that nobody needs has most of the place before that.
AT, FIRMWARE, FILLER, FILLER_SIZE = "0x4a000000", "0x41000000", 0x41400000, 108 << 20


def changes(do):
    # Memory that nobody has written yet is made when it is; what is erased has some already.
    do("setenv colour red; saveenv", "^Erasing Flash", "^Writing to Flash[.]* *done$", "^OK$")
    do("setenv colour blue; saveenv", "^Erasing Flash", "^Writing to Flash[.]* *done$", "^OK$")
    do("mw.b 0x40200000 0x5a 0x10000; cp.b 0x40200000 0x4600000 0x10000", "^Copy to Flash.* done$")
    do("cmp.b 0x40200000 0x4600000 0x10000", r"^Total of 65536 byte\(s\) were the same$")
    do("erase 0x4600000 +0x40000", r"^Erased \d+ sectors$")
    do("md.l 0x460fff0 4", "^0460fff0: ffffffff ffffffff ffffffff ffffffff ")
    # All of both banks is mapped, and then no more.
    do("crc32 0x4000000 0x4000000; mw.l 0x4000000 0x900090; mw.l 0x4000000 0xff00ff", "==>")
    do("crc32 0 0x4000000; mw.l 0x100 0x900090; mw.l 0x100 0xff00ff", "==>")


def full(do):
    do("mw.b 0x40200000 0x5a 0x10")
    # Something in each of the blocks that memory is made in, until there is none for many more.
    for at in (*range(0x4200000, 0x6000000, 0x200000), *range(0x400000, 0x2000000, 0x200000)):
        do(f"cp.b 0x40200000 {at:#x} 0x10", "^Copy to Flash")
        do(f"md.l {at:#x} 1", f"^{at:08x}: ")


SCENES = {"changes": changes, "full": full}


def main(run_sh, build, gic, name):
    memory = MUCH if name == "full" else 64
    command = subprocess.run(
        [run_sh, "--build", build, "--firmware", "u-boot", "--cpus", "1", "--gic", gic,
         "--memory", str(memory), "--times", "--dry-run"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        def do(text, *patterns):
            session.type(f"{text}\n")
            for pattern in (*patterns, "^=> "):
                session.expect(pattern, SECONDS)

        session.expect(r"^Hit any key to stop autoboot", SECONDS)
        session.type(" ")
        session.expect("^=> ", SECONDS)
        SCENES[name](do)
        if name == "full":
            there = len(re.findall(r"^0[0-9a-f]+: 5a5a5a5a ", session.seen, re.MULTILINE))
            print(f"{there} blocks were there")
            demand(4 <= there < 24, "the memory was not used up")
        session.type("poweroff\n")
        demand(session.end(SECONDS) == 0, "the exit status is not 0")
        for reason in ("mmio-read", "mmio-write", "stage2-fault"):
            row = re.search(rf"^{reason} .* (\d+)$", session.seen, re.MULTILINE)
            demand(row, f"the table has no {reason}")
            print(f"{reason}: {row.group(1)} ns at most")
            demand(int(row.group(1)) <= LIMIT, f"{reason} takes up to {row.group(1)} instructions")

    with tempfile.NamedTemporaryFile() as filler:
        if name == "full":
            command = [word.replace(AT, FIRMWARE) for word in command]
            command[command.index("-m") + 1] = str(TREE + MUCH + REST)
            filler.truncate(FILLER_SIZE)
            command += ["-device", f"guest-loader,addr={FILLER:#x},initrd={filler.name}"]
        play(command + ICOUNT, 3 * SECONDS, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

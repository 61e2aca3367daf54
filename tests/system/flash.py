#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No access to the flash takes the host long, whatever a guest does with it: flash.py RUN_SH BUILD GIC

U-Boot erases and programs under -icount shift=0,sleep=off, where an instruction is a nanosecond. The
mini-host's table tells how long it took at most.
"""

import re
import subprocess
import sys

from overhead import ICOUNT
from session import demand, play

LIMIT = 10_000  # instructions
SECONDS = 400


def main(run_sh, build, gic):
    command = subprocess.run(
        [run_sh, "--build", build, "--firmware", "u-boot", "--cpus", "1", "--gic", gic,
         "--memory", "64", "--dry-run"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        def do(text, *patterns):
            session.type(f"{text}\n")
            for pattern in (*patterns, "^=> "):
                session.expect(pattern, SECONDS)

        session.expect(r"^Hit any key to stop autoboot", SECONDS)
        session.type(" ")
        session.expect("^=> ", SECONDS)
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
        session.type("poweroff\n")
        demand(session.end(SECONDS) == 0, "the exit status is not 0")
        for reason in ("mmio-read", "mmio-write", "stage2-fault"):
            row = re.search(rf"^{reason} .* (\d+)$", session.seen, re.MULTILINE)
            demand(row, f"the table has no {reason}")
            print(f"{reason}: {row.group(1)} ns at most")
            demand(int(row.group(1)) <= LIMIT, f"{reason} takes up to {row.group(1)} instructions")

    play(command + ICOUNT, 3 * SECONDS, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

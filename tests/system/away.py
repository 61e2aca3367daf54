#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A timer's interrupt falls while it is masked, on a shared CPU: away.py RUN_SH BUILD KERNEL GIC

The mini-host looks after such an interrupt each millisecond, which is a million instructions under
icount; a WFI of the guest's loop (away.c) that ends at once takes more than ten of these.
"""

import subprocess
import sys

from overhead import ICOUNT
from session import demand, play

MOST = 1000000 // 10
STALL = 400  # seconds: not slow, but stuck


def main(run_sh, build, kernel, gic):
    command = subprocess.run(
        [run_sh, "--build", build, "--kernel", kernel, "--cpus", "1", "--vcpus", "2", "--gic", gic,
         "--memory", "64", "--dry-run"],
        check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines()

    def scene(session):
        ends = int(session.expect(r"^a WFI ended (\d+) times$", STALL).group(1))
        demand(session.end(STALL) == 0, "the exit status is not 0")
        demand(0 < ends < MOST, f"a WFI ended {ends} times, not less than {MOST}")

    play(command + ICOUNT, 2 * STALL, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

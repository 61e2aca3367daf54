#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest whose waits end by themselves (FEAT_WFxT): wfit.py RUN_SH BUILD KERNEL CPUS GIC CPU

CPU is QEMU's name of it, with -vhe for a VHE host. With 1 CPU the guest's two take turns.
"""

import sys

from session import demand, machine, play

STALL = 600  # seconds without a sign of life: not slow, but stuck


def main(run_sh, build, kernel, cpus, gic, cpu):
    def scene(session):
        session.expect(r"^first: 20 waits\.$", STALL)
        session.expect(r"^second: 20 waits\.$", STALL)
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play([run_sh, "--build", build, "--kernel", kernel, "--memory", "64", "--cpus", cpus,
          "--vcpus", "2", "--gic", gic, *machine(cpu)], 3000, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

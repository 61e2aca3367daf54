#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guest kit's demo as examples/run.sh starts it: demo.py RUN_SH BUILD CPUS GIC CPU [KERNEL]

With KERNEL the same image is given as a file.
"""

import sys

from session import demand, machine, play


def main(run_sh, build, cpus, gic, cpu, *kernel):
    guest = ["--kernel", kernel[0]] if kernel else ["--demo"]

    def scene(session):
        session.expect(r"^level +EL1$", 60)
        session.expect(rf"^cpus +{cpus} in all$", 60)
        session.expect(r"^done: powering off$", 60)
        session.expect(r"^exit +count +share$", 60)
        session.expect(r"^system-off +1 ", 60)
        status = session.end(60)
        demand(status == 0, f"the exit status is {status}")

    play([run_sh, "--build", build, *guest, "--cpus", cpus, "--gic", gic, *machine(cpu)], 200,
         scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

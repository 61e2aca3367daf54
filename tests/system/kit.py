#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A test program of the guest kit, which passes on QEMU, as a guest.

    kit.py RUN_SH BUILD GUEST GIC VCPUS CPU
"""

import pathlib
import sys

from session import demand, machine, play


def main(run_sh, build, guest, gic, vcpus, cpu):
    image = pathlib.Path(build) / f"tests/guests/kit/kit-{guest}.bin"

    def scene(session):
        session.expect(rf"^{guest}: [1-9][0-9]* checks hold$", 120)
        session.expect(r"^system-off +1 ", 60)
        status = session.end(60)
        demand(status == 0, f"the exit status is {status}")

    play([run_sh, "--build", build, "--kernel", str(image), "--cpus", "2", "--vcpus", vcpus,
          "--gic", gic, *machine(cpu)], 200, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

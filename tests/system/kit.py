#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A test program of the guest kit, which passes on QEMU, as a guest.

    kit.py RUN_SH BUILD GUEST GIC VCPUS CPU [direct]
"""

import pathlib
import sys

from session import demand, machine, play


def main(run_sh, build, guest, gic, vcpus, cpu, *mode):
    image = pathlib.Path(build) / f"tests/guests/kit/kit-{guest}.bin"

    def scene(session):
        session.expect(rf"^{guest}: [1-9][0-9]* checks hold$", 120)
        session.expect(r"^system-off +1 ", 60)
        status = session.end(60)
        demand(status == 0, f"the exit status is {status}")

    # In direct mode the interrupt controller is QEMU's: its GICv2 of several CPUs ignores ISPENDR of
    # PPIs, and that of one does not.
    cpus = vcpus if mode else "2"
    play([run_sh, "--build", build, "--kernel", str(image), "--cpus", cpus, "--vcpus", vcpus,
          "--gic", gic, *machine(cpu), *("--" + word for word in mode)], 200, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

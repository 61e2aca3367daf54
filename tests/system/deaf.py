#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest whose other CPUs do not notice that it ends: deaf.py RUN_SH BUILD KERNEL CPUS GIC

One that computes for ever has a slice like everybody, is taken out at the end, and begins anew.
"""

import re
import sys

from session import demand, play


def main(run_sh, build, kernel, cpus, gic):
    def scene(session):
        session.expect(r"^the first time$", 60)
        session.expect(r"^mini-host: vm1 resets$", 60)
        session.expect(r"^the second time$", 60)
        session.expect(r"^mini-host: vm1 powered off$", 60)
        start = session.at
        demand(session.end(60) == 0, "the exit status is not 0")
        for reason, count in (("system-reset", 1), ("system-off", 1), ("cpu-up", 4)):
            demand(re.search(rf"^{reason} +{count} ", session.seen[start:], re.MULTILINE),
                   f"the table of exits does not show {count} {reason}")

    play([run_sh, "--build", build, "--kernel", kernel, "--memory", "64", "--cpus", cpus,
          "--vcpus", "3", "--gic", gic], 200, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

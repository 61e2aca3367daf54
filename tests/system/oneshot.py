#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A guest whose one-shot timer ticks each millisecond: oneshot.py RUN_SH BUILD KERNEL CPUS GIC

It has as many CPUs as the machine, and the machine that all this runs on is busy with other things.
"""

import contextlib
import subprocess
import sys

from session import demand, play

TICKS, REPORT = 20000, 1000  # as in oneshot.c
STALL = 240  # seconds without a sign of life: not slow, but stuck


@contextlib.contextmanager
def busy(loops):
    """That many programs that do nothing but compute."""
    with contextlib.ExitStack() as stack:
        for _ in range(loops):
            program = stack.enter_context(subprocess.Popen([sys.executable, "-c",
                                                            "while True: pass"]))
            stack.callback(program.kill)
        yield


def main(run_sh, build, kernel, cpus, gic):
    def scene(session):
        for number in range(REPORT, TICKS + 1, REPORT):
            start = session.at
            for cpu in range(int(cpus)):
                session.at = start  # they do not wait for each other
                session.expect(rf"^CPU {cpu}: {number}\.$", STALL)
            session.at = start
        demand(session.end(STALL) == 0, "the exit status is not 0")

    with busy(2):
        play([run_sh, "--build", build, "--kernel", kernel, "--memory", "64", "--cpus", cpus,
              "--gic", gic], 3000, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's Linux with a PMU that it was given: pmu.py RUN_SH BUILD MODE CPU"""

import re
import sys

from linux import SECONDS, has_no_complaints, ready, shell
from session import demand, play


def main(run_sh, build, mode, cpu):
    def scene(session):
        ready(session)
        # From Linux 6.12 on their mask stands behind the number.
        found = re.search(r"hw perfevents: enabled with armv8_pmuv3.* driver, "
                          r"([0-9]+)(?: \([0-9a-f,]+\))? counters", session.seen)
        demand(found, "Linux finds no PMU")
        demand(int(found.group(1)) > 1, f"the PMU has {found.group(1)} counters")
        # The events that PMCEID0_EL0 tells of.
        events = shell(session, "ls /sys/bus/event_source/devices/armv8_pmuv3*/events").split()
        demand("cpu_cycles" in events, f"the PMU's events are {events}")
        rows = shell(session, "grep arm-pmu /proc/interrupts").splitlines()
        demand(len(rows) == 1 and " 23 " in rows[0], f"the PMU's interrupts are {rows}")
        has_no_complaints(session)
        session.type("poweroff\n")
        status = session.end(SECONDS)
        demand(status == 0, f"the exit status is {status}")

    play([run_sh, "--build", build, "--cpu", cpu, "--pmu"] + ["--direct"] * (mode == "direct"),
         300, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

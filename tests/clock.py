# SPDX-License-Identifier: MIT
"""Time as a program under test has it: on a busy machine it goes slower than a clock on the wall."""

import glob
import time

STEP = 0.5  # seconds between two looks


def _demand(leader):
    """Seconds that threads of a process, or of the session that it leads, ran and waited to run."""
    ran = waited = 0
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                pid, _, rest = file.read().partition(" ")
            # Behind the name, which may hold anything: state, parent, group, session.
            if leader not in (int(pid), int(rest.rpartition(")")[2].split()[3])):
                continue
            for task in glob.glob(path[:-len("stat")] + "task/*/schedstat"):
                with open(task, encoding="ascii") as file:
                    times = file.read().split()
                ran += int(times[0])
                waited += int(times[1])
        except (OSError, IndexError):  # it has just ended
            continue
    return ran / 1e9, waited / 1e9


class Clock:
    """
    Counts seconds, more slowly while the program waits for a CPU: half as fast if it gets half of
    what it could use. One that sleeps or spins for ever is as late by it as on a quiet machine.
    """

    def __init__(self, leader):
        """leader: the program's process; those of the session that it leads belong to it."""
        self.leader = leader
        self.seconds = 0.0
        self.looked = time.monotonic()
        self.demand = (0.0, 0.0)

    def now(self):
        passed = time.monotonic() - self.looked
        if passed < STEP:
            return self.seconds
        demand = _demand(self.leader)
        ran, waited = (max(0, new - old) for new, old in zip(demand, self.demand))
        self.seconds += passed * (ran / (ran + waited) if ran + waited > 0.01 * passed else 1)
        self.looked += passed
        self.demand = demand
        return self.seconds

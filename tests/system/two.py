#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two Linuxes at once, and one that outlives the other: two.py RUN_SH BUILD GIC CPU"""

import sys

from linux import SECONDS, keeps_time
from session import demand, machine, play


def prompt(name):
    """That of a guest whose lines begin with its name; others' lines may come in between."""
    return rf"^\[{name}\] ~ # "


def shell(session, name, command):
    """The lines that a command gives, typed at the prompt of the guest that is selected."""
    session.type(f"{command}; echo end$((6 * 7))\n")
    session.expect(r"echo end\$\(\(6 \* 7\)\)\n", SECONDS)
    start = session.at
    match = session.expect(rf"^\[{name}\] end42\n", SECONDS)
    session.expect(prompt(name), SECONDS)
    lead = f"[{name}] "
    return [line[len(lead):] for line in session.seen[start:match.start()].splitlines()
            if line.startswith(lead)]


def selected(session, name):
    """The keys are about to go to this one. What stands on its line is shown again."""
    session.expect(rf"^mini-host: the keys go to {name}$", SECONDS)
    session.type("stty cols 500; dmesg -n 1; echo here$((6 * 7))\n")
    session.expect(rf"^\[{name}\] here42\n", SECONDS)
    session.expect(prompt(name), SECONDS)


def select(session, name, key):
    session.type("\x14" + key)
    selected(session, name)


def works(session, name):
    """Two CPUs, timer interrupts on both, and a memory of its own."""
    demand(shell(session, name, "nproc") == ["2"], f"{name} has not 2 CPUs")
    counts = []
    for _ in range(2):
        row = shell(session, name, "grep arch_timer /proc/interrupts")[0].split()
        counts.append([int(count) for count in row[1:3]])
        shell(session, name, "sleep 1")
    demand(sum(counts[1]) > sum(counts[0]), f"{name} gets no timer interrupts")
    demand(all(counts[1]), f"a CPU of {name} got no timer interrupt")
    shell(session, name, f"echo I am $((30 + 3)) {name} >/note")


def host_time(session):
    """Seconds of the machine's counter, as the mini-host reads it."""
    session.type("\x14t")
    match = session.expect(r"^mini-host: ([0-9]+\.[0-9]{3}) s by the machine's counter$", SECONDS)
    return float(match.group(1))


def note(session, name):
    """What stands where each of them has written."""
    return shell(session, name, "cat /note")


def main(run_sh, build, gic, cpu):
    def scene(session):
        for _ in range(2):
            session.expect(r"^\[(left|right)\].* with 2 CPU\(s\), a guest of libvcpu", 300)
        for name, key in (("left", "1"), ("right", "2")):
            select(session, name, key)
            shell(session, name, "mkdir -p /tmp")
            works(session, name)

        # With all CPUs busy for right, left's are taken out of them whenever they wait.
        shell(session, "right", "touch /busy; (for c in 0 1; do while [ -e /busy ]; do :; done &"
                                " done)")
        select(session, "left", "1")
        keeps_time(session, r"\[left\] ", lambda: host_time(session))
        select(session, "right", "2")
        shell(session, "right", "rm /busy")
        for name, key in (("left", "1"), ("right", "2")):
            select(session, name, key)
            demand(note(session, name) == [f"I am 33 {name}"], f"{name} has another's note")

        select(session, "left", "1")
        session.type("poweroff\n")
        session.expect(r"^mini-host: left powered off$", SECONDS)
        session.expect(r"^system-off +1 ", SECONDS)
        selected(session, "right")
        works(session, "right")
        demand(note(session, "right") == ["I am 33 right"], "right's note changed")
        session.type("poweroff\n")
        session.expect(r"^mini-host: right powered off$", SECONDS)
        demand(session.end(SECONDS) == 0, "the exit status is not 0")

    play([run_sh, "--build", build, "--gic", gic, *machine(cpu), "--cpus", "2", "--vcpus", "2",
          "--vm", "--name", "left", "--vm", "--name", "right"], 560, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

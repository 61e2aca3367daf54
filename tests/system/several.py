#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Several guests at once, told apart on one terminal: several.py RUN_SH BUILD GIC CPU

Two Debian Linuxes with 2 vCPUs each and U-Boot share 2 CPUs. Each gets what is typed while it is
selected, and goes on when another is off.
"""

import sys

from session import demand, machine, play

ESCAPE = "\x14"  # Ctrl-T
SECONDS = 90  # for one command, on a slow and busy machine


def select(session, key, name):
    session.type(f"{ESCAPE}{key}")
    session.expect(rf"mini-host: the keys go to {name}$", SECONDS)


def shell(session, name, command, answer):
    """A command at the shell of the selected Linux, whose answer is not in what is typed."""
    session.type(f"{command}\n")
    # In front of the name may stand what the line editor returned over.
    session.expect(rf"\[{name}\] {answer}$", SECONDS)


def power_off(session, name, command):
    session.type(f"{command}\n")
    session.expect(rf"mini-host: {name} powered off$", SECONDS)
    session.expect(r"^exit +count +share", SECONDS)


def main(run_sh, build, gic, cpu):
    def scene(session):
        # In any order.
        for name in ("alpha", "beta"):
            session.at = 0
            session.expect(rf"\[{name}\] BusyBox v", 240)
        session.at = 0
        session.expect(r"\[boot\] U-Boot 20", SECONDS)
        session.expect(r"\[alpha\] ~ # ", SECONDS)

        # The first is selected from the beginning.
        shell(session, "alpha", "echo a$((6 * 7))", "a42")
        select(session, 2, "beta")
        session.expect(r"\[beta\] ~ # ", SECONDS)
        shell(session, "beta", "echo b$((6 * 7)) $(nproc)", "b42 2")
        select(session, "n", "boot")
        session.type("\n")
        session.expect(r"\[boot\] => ", SECONDS)
        session.type("version\n")
        session.expect(r"\[boot\] U-Boot 20", SECONDS)

        # What another one writes is shown as well, by the line.
        select(session, 1, "alpha")
        session.type("(sleep 2; echo late$((6 * 7))) &\n")
        select(session, 2, "beta")
        session.expect(r"\[alpha\] .*late42$", SECONDS)

        # One goes, the next one that is there is selected, and goes on.
        power_off(session, "beta", "poweroff")
        session.expect(r"mini-host: the keys go to boot$", SECONDS)
        session.type(f"{ESCAPE}2")
        session.expect(r"mini-host: that guest is off$", SECONDS)
        session.expect(r"\[boot\] => ", SECONDS)
        power_off(session, "boot", "poweroff")
        session.expect(r"mini-host: the keys go to alpha$", SECONDS)
        shell(session, "alpha", "echo c$((6 * 7))", "c42")
        power_off(session, "alpha", "poweroff")
        status = session.end(SECONDS)
        demand(status == 0, f"the exit status is {status}")
        demand(session.seen.count("powered off\n") == 3, "not each of three guests powered off")

    play([run_sh, "--build", build, "--cpus", "2", "--gic", gic, *machine(cpu),
          "--vm", "--name", "alpha", "--vm", "--name", "beta",
          "--vm", "--name", "boot", "--firmware", "u-boot"], 590, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

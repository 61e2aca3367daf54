#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests that fail, and what examples/run.sh makes of them: failure.py RUN_SH BUILD SCENE"""

import os
import signal
import subprocess
import sys
import tempfile

from session import demand, play


def panic(run_sh, build):
    """Linux finds no init and no disk, panics and resets. In direct mode the status says so."""
    def scene(session):
        session.expect(r"Kernel panic - not syncing: VFS", 200)
        session.expect(r"^system-reset +1 ", 60)
        status = session.end(60)
        demand(status == 1, f"the exit status is {status}")

    play([run_sh, "--build", build, "--direct", "--append", "rdinit=/none"], 300, scene)


def panic_again(run_sh, build):
    """In virtual mode it begins anew, and so does its panic."""
    def scene(session):
        for _ in range(2):
            session.expect(r"Booting Linux", 60)
            session.expect(r"Kernel panic - not syncing: VFS", 200)
            session.expect(r"^mini-host: vm1 resets$", 60)
        session.type("\x01x")
        session.end(30)

    play([run_sh, "--build", build, "--append", "rdinit=/none"], 550, scene)


def no_guest(run_sh, build):
    """A kernel larger than the memory it gets: one line, and the status."""
    with tempfile.NamedTemporaryFile() as file:
        file.truncate(80 << 20)

        def scene(session):
            status = session.end(60)
            demand(status == 1, f"the exit status is {status}")
            lines = session.seen.strip().splitlines()[1:]  # after run.sh's own
            demand(len(lines) == 1 and "host: vm1: too little memory" in lines[0],
                   "the complaint is not one line of the mini-host's")

        play([run_sh, "--build", build, "--kernel", file.name, "--memory", "64"], 100, scene)


def no_pmu(run_sh, build):
    """A performance monitor on a CPU without one: one line that says what is missing."""
    command = subprocess.run([run_sh, "--build", build, "--demo", "--pmu", "--dry-run"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.splitlines()
    command[command.index("-cpu") + 1] += ",pmu=off"

    def scene(session):
        status = session.end(60)
        demand(status == 1, f"the exit status is {status}")
        lines = session.seen.strip().splitlines()
        demand(len(lines) == 1 and "pmu takes a CPU" in lines[0],
               "the complaint is not one line about the PMU")

    play(command, 100, scene)


def killed(run_sh, build):
    """QEMU is killed in the middle: the terminal is as it was, and the status is no success."""
    def scene(session):
        session.expect(r"Booting Linux", 60)
        shell = session.program.pid
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as children:
            for child in children.read().split():
                os.kill(int(child), signal.SIGKILL)
        status = session.end(30)
        demand(status == 128 + signal.SIGKILL, f"the exit status is {status}")

    play([run_sh, "--build", build], 100, scene)


def quit_key(run_sh, build):
    """Ctrl-A X ends QEMU, as run.sh says."""
    def scene(session):
        session.expect(r"Ctrl-A X ends QEMU", 30)
        session.expect(r"Booting Linux", 60)
        session.type("\x01x")
        session.end(30)

    play([run_sh, "--build", build], 100, scene)


if __name__ == "__main__":
    SCENES = {"panic": panic, "panic-again": panic_again, "no-guest": no_guest, "no-pmu": no_pmu,
              "killed": killed, "quit": quit_key}
    SCENES[sys.argv[3]](*sys.argv[1:3])

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Linux has the machine's time and random numbers from its start: rtc.py RUN_SH BUILD MODE GIC

MODE is virtual or direct. The machine's clock is set to a day that nobody's clock is at.
"""

import calendar
import subprocess
import sys

from linux import SECONDS, has_no_complaints, ready, shell
from session import demand, play

BASE = "2031-05-06T07:08:09"
EPOCH = calendar.timegm((2031, 5, 6, 7, 8, 9))
OTHER = "2044-04-04 04:04:04"
STALL = 240
RTC = "/sys/class/rtc/rtc0"


def is_machines(session, command):
    """What the command prints is a time of the machine's, since its start."""
    seconds = int(shell(session, command).strip())
    demand(0 <= seconds - EPOCH < 3600, f"{command}: {seconds} is not soon after {EPOCH}")


def has_time(session):
    is_machines(session, "date +%s")
    is_machines(session, f"cat {RTC}/since_epoch")
    demand("2031" in shell(session, "hwclock"), "hwclock does not show the year")


def is_woken(session):
    """The match register's interrupt comes, and for an alarm of later not before that."""
    count = "grep rtc-pl031 /proc/interrupts | tr -s ' ' | cut -d ' ' -f 3"
    before = int(shell(session, count))
    shell(session, f"echo 0 >{RTC}/wakealarm; echo +100000 >{RTC}/wakealarm; sleep 2")
    demand(int(shell(session, count)) == before, "the alarm came early")
    shell(session, f"echo 0 >{RTC}/wakealarm; echo +2 >{RTC}/wakealarm")
    session.type(f"while [ $({count}) = {before} ]; do sleep 1; done; echo woke$((6 * 7))\n")
    session.expect(r"^woke42$", STALL)


def has_entropy(session):
    log = shell(session, "dmesg | grep -E 'crng init done|KASLR'")
    demand("crng init done" in log and "KASLR enabled" in log, f"no seeds: {log}")


def main(run_sh, build, mode, gic):
    options = ["--build", build, "--cpus", "2", "--gic", gic, "--dry-run"]
    command = subprocess.run([run_sh, *options, *["--direct"] * (mode == "direct")], check=True,
                             text=True, stdout=subprocess.PIPE).stdout.splitlines()
    command += ["-rtc", f"base={BASE}"]

    def scene(session):
        ready(session)
        has_entropy(session)
        has_time(session)
        is_woken(session)
        shell(session, f"date -s '{OTHER}'; hwclock -w")
        demand("2044" in shell(session, "hwclock"), "the time that was written is not read")
        has_no_complaints(session)
        if mode == "virtual":  # another life has nothing of the one before
            session.type("reboot\n")
            session.expect(r"^mini-host: vm1 resets$", SECONDS)
            ready(session)
            has_entropy(session)
            has_time(session)
        session.type("poweroff\n")
        demand(session.end(STALL) == 0, "the exit status is not 0")

    play(command, 2000, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

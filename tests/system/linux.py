#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's Linux as a guest, used by a person at its shell: linux.py RUN_SH BUILD CPUS GIC CPU"""

import re
import sys

from session import demand, play

PROMPT = r"^~ # "
SECONDS = 60  # for one command, on a slow and busy machine


def shell(session, command):
    """The output of a command typed at the prompt."""
    # The end mark is not in what is typed, so that the terminal's echo is not taken for it.
    session.type(f"{command}; echo end$((6 * 7))\n")
    session.expect(r"echo end\$\(\(6 \* 7\)\)\n", SECONDS)
    start = session.at
    match = session.expect(r"^end42$", SECONDS)
    session.expect(PROMPT, SECONDS)
    return session.seen[start:match.start()]


def interrupts(session, what, cpus, gic):
    """The counts of one row of /proc/interrupts, a CPU each."""
    rows = [row for row in shell(session, "cat /proc/interrupts").splitlines() if what in row]
    demand(len(rows) == 1, f"/proc/interrupts has {len(rows)} rows of {what}")
    chip = {2: "GIC-0", 3: "GICv3"}[gic]
    row = re.fullmatch(rf" *[0-9]+: +((?:[0-9]+ +){{{cpus}}}){chip} .*", rows[0])
    demand(row, f"not {cpus} CPUs and {chip} in: {rows[0]}")
    return [int(count) for count in row.group(1).split()]


def main(run_sh, build, cpus, gic, cpu):
    cpus, gic = int(cpus), int(gic)

    def scene(session):
        session.expect(PROMPT, 240)
        boot = session.seen
        demand("CPU: All CPU(s) started at EL1" in boot, "Linux does not say that it is at EL1")
        demand(re.search(r"psci: PSCIv1\.\d", boot), "Linux found no PSCI 1.x")

        # The line editor breaks what is typed at 80 columns, in the middle of an end mark; and the
        # kernel has something to say at any moment, as of an interrupt that took long.
        for command in ("stty cols 500", "dmesg -n 1"):
            session.type(f"{command}\n")
            session.expect(PROMPT, SECONDS)
        demand(shell(session, "nproc").strip() == str(cpus), f"nproc is not {cpus}")
        demand(shell(session, "uname -m").strip() == "aarch64", "uname -m is not aarch64")
        # Each CPU does work of its own, and what it counts is right.
        sums = shell(session, f"for c in $(seq 0 {cpus - 1}); do"
                     " taskset -p $((1 << c)) $$ >/dev/null;"
                     " seq 1 2000 | awk '{ s += $1 } END { print s }'; done")
        demand(sums.split() == ["2001000"] * cpus, f"sums on {cpus} CPUs: {sums.split()}")

        before = interrupts(session, "arch_timer", cpus, gic)
        keys = interrupts(session, "uart-pl011", cpus, gic)
        shell(session, "sleep 1")
        after = interrupts(session, "arch_timer", cpus, gic)
        demand(sum(after) > sum(before), "timer interrupts do not come")
        demand(all(after), "a CPU got no timer interrupt")
        demand(sum(interrupts(session, "uart-pl011", cpus, gic)) > sum(keys),
               "the console's interrupts do not come")

        # A second of the guest is a second: neither half nor double of the host's.
        passed = shell(session, "a=$(cut -d. -f1 /proc/uptime); sleep 3;"
                       " echo $(($(cut -d. -f1 /proc/uptime) - a))")
        demand(3 <= int(passed) <= 20, f"sleep 3 took {passed.strip()} s by /proc/uptime")

        # Ctrl-C is the guest's. Not before the program runs: the shell's line editor eats it.
        session.type("sh -c 'echo run$((6 * 7)); sleep 10000'\n")
        session.expect(r"^run42$", SECONDS)
        session.type("\x03")
        session.expect(r"~ # ", SECONDS)  # on the line of the terminal's ^C, or on the next

        trouble = shell(session,
                        "dmesg | grep -E 'BUG:|WARNING:|Oops|Call trace|unhandled|rcu.*stall'")
        demand(trouble.strip() == "", f"Linux complains: {trouble}")

        session.type("poweroff\n")
        session.expect(r"reboot: Power down", SECONDS)
        start = session.at
        status = session.end(SECONDS)
        table = session.seen[start:]
        demand(status == 0, f"the exit status is {status}")
        # One PSCI call each: SYSTEM_OFF, and CPU_ON for all CPUs but the first.
        for reason, count in (("system-off", 1), ("cpu-up", cpus - 1)):
            row = re.search(rf"^{reason} +([0-9]+) ", table, re.MULTILINE)
            demand((int(row.group(1)) if row else 0) == count,
                   f"the table of exits does not show {count} {reason}")

    play([run_sh, "--build", build, "--cpus", str(cpus), "--gic", str(gic), "--cpu", cpu], 500,
         scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

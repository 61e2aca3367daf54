#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's Linux as a guest, used by a person at its shell.

linux.py RUN_SH BUILD MODE CPUS VCPUS GIC CPU, where MODE is virtual or direct
"""

import re
import sys
import time

from session import demand, machine, play

PROMPT = r"^~ # "
SECONDS = 60  # for one command, on a slow and busy machine
# Linux's own limits are seconds of a wall clock, which a busy machine reaches with nothing wrong.
LIMITS = "watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=300"
CPU1 = "/sys/devices/system/cpu/cpu1/online"


def ready(session):
    """Waits for the shell, and makes it say what is read here and nothing else."""
    session.expect(PROMPT, 240)
    # The line editor breaks what is typed at 80 columns, in the middle of an end mark; and the
    # kernel has something to say at any moment, as of an interrupt that took long.
    for command in ("stty cols 500", "dmesg -n 1"):
        session.type(f"{command}\n")
        session.expect(PROMPT, SECONDS)


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


def computes(session, cpus):
    """Each CPU does work of its own, and what it counts is right."""
    demand(shell(session, "nproc").strip() == str(cpus), f"nproc is not {cpus}")
    sums = shell(session, f"for c in $(seq 0 {cpus - 1}); do"
                 " taskset -p $((1 << c)) $$ >/dev/null;"
                 " seq 1 2000 | awk '{ s += $1 } END { print s }'; done;"
                 f" taskset -p {(1 << cpus) - 1:x} $$ >/dev/null")
    demand(sums.split() == ["2001000"] * cpus, f"sums on {cpus} CPUs: {sums.split()}")


def is_interrupted(session, cpus, gic):
    """Timer interrupts come to each CPU; those of the UART to the first, where Linux has them."""
    before = interrupts(session, "arch_timer", cpus, gic)
    keys = interrupts(session, "uart-pl011", cpus, gic)
    shell(session, "sleep 1")
    after = interrupts(session, "arch_timer", cpus, gic)
    demand(sum(after) > sum(before), "timer interrupts do not come")
    demand(all(after), "a CPU got no timer interrupt")
    typed = interrupts(session, "uart-pl011", cpus, gic)
    demand(typed[0] > keys[0], "the console's interrupts do not come")
    demand(not any(typed[1:]), f"the console's interrupts come to other CPUs: {typed}")


def routes_interrupts(session, cpus, gic):
    """The UART's interrupts come to the CPU that Linux wants them on, and to no other."""
    irq = shell(session, "grep uart-pl011 /proc/interrupts | cut -d : -f 1").strip()
    for cpu in (1, 0):
        shell(session, f"echo {1 << cpu} >/proc/irq/{irq}/smp_affinity")
        before = interrupts(session, "uart-pl011", cpus, gic)
        after = interrupts(session, "uart-pl011", cpus, gic)
        came = [new - old for new, old in zip(after, before)]
        demand(came[cpu] > 0, f"the console's interrupts do not come to CPU {cpu}: {came}")
        demand(sum(came) == came[cpu], f"the console's interrupts come to other CPUs: {came}")


def keeps_time(session, name="", now=time.monotonic):
    """
    The guest's clock is as fast as `now`: however late each of the two programs runs, what the guest
    counts lies between a shorter and a longer interval of `now`. And a sleep is never early; a busy
    machine makes it late, so the promptest of 20 counts.
    """
    line = rf"^{name}"
    outer = now()
    session.type("read a b </proc/uptime; echo from$((6 * 7)); read x; read c d </proc/uptime;"
                 " echo to$((6 * 7)) $a $c\n")
    session.expect(line + "from42$", SECONDS)
    inner = now()
    while now() - inner < 4:
        time.sleep(0.5)
    inner = now() - inner
    session.type("\n")
    match = session.expect(line + r"to42 ([0-9.]+) ([0-9.]+)\n", SECONDS)
    outer = now() - outer
    session.expect(line + PROMPT.lstrip("^"), SECONDS)
    inside = float(match.group(2)) - float(match.group(1))
    demand(inner * 0.95 <= inside <= outer * 1.05,
           f"its clock counts {inside:.2f} s, this one from {inner:.2f} to {outer:.2f}")

    session.type("i=0; while [ $i -lt 20 ]; do read a b </proc/uptime; usleep 200000;"
                 " read c d </proc/uptime; echo slept$((6 * 7)) $a $c; i=$((i + 1)); done\n")
    slept = []
    for _ in range(20):
        match = session.expect(line + r"slept42 ([0-9.]+) ([0-9.]+)\n", SECONDS)
        slept.append(float(match.group(2)) - float(match.group(1)))
    session.expect(line + PROMPT.lstrip("^"), SECONDS)
    demand(min(slept) >= 0.19, f"a sleep of 0.2 s took {min(slept):.2f} s")
    # Seconds, because a busy machine can make each of the 20 late. The bracket above shows how fast the
    # clock is; this bound is only for a timer whose interrupt is lost until another one comes.
    demand(min(slept) <= 5, f"each sleep of 0.2 s took {min(slept):.2f} s or more")


def takes_control_c(session):
    """Ctrl-C is the guest's. Not before the program runs: the shell's line editor eats it."""
    session.type("sh -c 'echo run$((6 * 7)); sleep 10000'\n")
    session.expect(r"^run42$", SECONDS)
    session.type("\x03")
    session.expect(r"~ # ", SECONDS)  # on the line of the terminal's ^C, or on the next


def has_no_complaints(session):
    """What Linux says when something is wrong with its machine."""
    trouble = shell(session, "dmesg | grep -E 'BUG:|WARNING:|Oops|Call trace|unhandled|rcu: INFO.*stall'")
    demand(trouble.strip() == "", f"Linux complains: {trouble}")


def plugs_cpus(session, cpus, gic):
    """CPU 1 goes off and comes back, and works as before."""
    def is_online():
        return shell(session, "nproc; cat /sys/devices/system/cpu/online").split()

    rest = "0" if cpus == 2 else "0,2" if cpus == 3 else f"0,2-{cpus - 1}"
    shell(session, f"echo 0 >{CPU1}")
    demand(is_online() == [str(cpus - 1), rest], f"CPU 1 is not off: {is_online()}")
    interrupts(session, "arch_timer", cpus - 1, gic)
    shell(session, f"echo 1 >{CPU1}")
    demand(is_online() == [str(cpus), f"0-{cpus - 1}"], f"CPU 1 is not on: {is_online()}")
    computes(session, cpus)
    before = interrupts(session, "arch_timer", cpus, gic)
    shell(session, "taskset 2 sleep 1")
    after = interrupts(session, "arch_timer", cpus, gic)
    demand(after[1] > before[1], "CPU 1 gets no timer interrupts any more")


def powers_off(session, counts):
    """counts: how often each reason is in the table of exits."""
    session.type("poweroff\n")
    session.expect(r"reboot: Power down", SECONDS)
    start = session.at
    status = session.end(SECONDS)
    table = session.seen[start:]
    demand(status == 0, f"the exit status is {status}")
    for reason, count in counts.items():
        row = re.search(rf"^{reason} +([0-9]+) ", table, re.MULTILINE)
        demand((int(row.group(1)) if row else 0) == count,
               f"the table of exits does not show {count} {reason}")


def direct(session, cpus, gic):
    """The guest has the machine's own interrupt controller, and its own time."""
    computes(session, cpus)
    is_interrupted(session, cpus, gic)
    keeps_time(session)
    takes_control_c(session)
    has_no_complaints(session)
    powers_off(session, {"system-off": 1, "cpu-up": cpus - 1})


def virtual(session, cpus, gic):
    """The guest has nothing of its own, and may begin anew."""
    computes(session, cpus)
    is_interrupted(session, cpus, gic)
    keeps_time(session)
    takes_control_c(session)
    if cpus > 1:
        routes_interrupts(session, cpus, gic)
        plugs_cpus(session, cpus, gic)
    has_no_complaints(session)
    session.type("reboot\n")
    session.expect(r"^mini-host: vm1 resets$", SECONDS)
    ready(session)
    computes(session, cpus)
    has_no_complaints(session)
    plugged = 1 if cpus > 1 else 0
    # One PSCI call each; and a CPU_ON for all CPUs but the first, twice.
    powers_off(session, {"system-reset": 1, "system-off": 1, "cpu-down": plugged,
                         "cpu-up": 2 * (cpus - 1) + plugged})


def main(run_sh, build, mode, cpus, vcpus, gic, cpu):
    def scene(session):
        ready(session)
        boot = session.seen
        demand("CPU: All CPU(s) started at EL1" in boot, "Linux does not say that it is at EL1")
        demand(re.search(r"psci: PSCIv1\.\d", boot), "Linux found no PSCI 1.x")
        demand(shell(session, "uname -m").strip() == "aarch64", "uname -m is not aarch64")
        {"virtual": virtual, "direct": direct}[mode](session, int(vcpus), int(gic))

    command = [run_sh, "--build", build, "--cpus", cpus, "--vcpus", vcpus, "--gic", gic,
               "--append", LIMITS, *machine(cpu)]
    play(command + ["--direct"] * (mode == "direct"), 500, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's PREEMPT_RT kernel as a guest: linux_rt.py RUN_SH BUILD VCPUS GIC CPU

It handles interrupts in threads and is preempted nearly everywhere, and so goes other ways through
the interrupt controller and the timers than the kernel of linux.py.
"""

import pathlib
import sys

import linux
from linux import shell
from session import demand, machine, play

CYCLES = 50  # of 10 ms


def uptime(session):
    return float(shell(session, "cat /proc/uptime").split()[0])


def has_cyclic_timers(session, cpus, gic):
    """On all CPUs at once: a timer is never early, and comes by an interrupt of its CPU."""
    loop = f"i=0; while [ $i -lt {CYCLES} ]; do usleep 10000; i=$((i + 1)); done; echo through"
    before = linux.interrupts(session, "arch_timer", cpus, gic)
    begin = uptime(session)
    lines = shell(session, f"for c in $(seq 0 {cpus - 1}); do taskset $((1 << c))"
                  f" sh -c '{loop}' & done; wait")
    took = uptime(session) - begin
    after = linux.interrupts(session, "arch_timer", cpus, gic)
    demand(lines.split().count("through") == cpus, "a CPU's loop did not end")
    demand(took >= CYCLES * 0.01, f"{CYCLES} times 10 ms took {took:.2f} s")
    for cpu in range(cpus):
        demand(after[cpu] - before[cpu] >= CYCLES,
               f"CPU {cpu} had {after[cpu] - before[cpu]} timer interrupts for {CYCLES} timers")


def main(run_sh, build, vcpus, gic, cpu):
    deps = pathlib.Path(run_sh).resolve().parent.parent / "build" / "deps"
    cpus, version = int(vcpus), int(gic)

    def scene(session):
        linux.ready(session)
        demand("PREEMPT_RT" in shell(session, "uname -v"), "this is no PREEMPT_RT kernel")
        demand(shell(session, "cat /sys/kernel/realtime").strip() == "1", "it is not real-time")
        linux.computes(session, cpus)
        linux.is_interrupted(session, cpus, version)
        linux.keeps_time(session)
        has_cyclic_timers(session, cpus, version)
        linux.routes_interrupts(session, cpus, version)
        linux.plugs_cpus(session, cpus, version)
        linux.has_no_complaints(session)
        linux.powers_off(session, {"system-off": 1, "cpu-down": 1, "cpu-up": cpus})

    play([run_sh, "--build", build, "--cpus", "2", "--vcpus", vcpus, "--gic", gic, *machine(cpu),
          "--kernel", str(deps / "linux-rt" / "Image"), "--initrd", str(deps / "initrd.cpio.gz"),
          "--append", f"console=ttyAMA0 panic=1 {linux.LIMITS}"], 500, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests on Debian's Linux as the host (examples/linux): a module and a VMM, beside programs.

linux_host.py RUN_SH BUILD SCENE CPU CPUS VCPUS
"""

import os
import re
import sys

from session import demand, play

GUEST = r"^~ # "
HOST = r"^host # "
# Not slow, but stuck.
SECONDS = 200
STALL = 400


def ready(session):
    """The guest's shell, with nothing on it but what is asked for."""
    session.expect(GUEST, STALL)
    for command in ("stty cols 500", "dmesg -n 1"):
        session.type(f"{command}\n")
        session.expect(GUEST, SECONDS)


def shell(session, prompt, command, seconds=SECONDS):
    """The output of a command typed at a prompt."""
    session.type(f"{command}; echo end$((6 * 7))\n")
    session.expect(r"echo end\$\(\(6 \* 7\)\)\n", SECONDS)
    start = session.at
    match = session.expect(r"^end42$", seconds)
    session.expect(prompt, SECONDS)
    return session.seen[start:match.start()]


def host(session, command, seconds=SECONDS):
    return shell(session, HOST, command, seconds)


def begin(session):
    session.expect(HOST, SECONDS)
    session.type("stty cols 500\n")
    session.expect(HOST, SECONDS)


def registers(session):
    """What each CPU has at EL2. The module that says it does not stay."""
    host(session, "dmesg -c >/dev/null; insmod /el2.ko 2>/dev/null")
    lines = re.findall(r"el2: (CPU \d+ \w+ \w+)$", host(session, "dmesg"), re.MULTILINE)
    demand(len(lines) > 20, "the host's registers cannot be read")
    return lines


def load(session):
    demand(host(session, "insmod /libvcpu.ko && echo loaded").strip() == "loaded",
           "the module is not loaded")


def unload(session, before):
    """Nothing of the module is left, and Linux has nothing to complain of."""
    demand(host(session, "rmmod libvcpu && echo gone").strip() == "gone", "the module does not go")
    trouble = host(session, "dmesg | grep -E 'BUG:|WARNING:|Oops|Call trace|rcu: INFO.*stall|vcpu:'")
    demand(trouble.strip() == "", f"Linux complains: {trouble}")
    after = registers(session)
    changed = [line for line in after if line not in before]
    demand(after == before, f"not as before the module came: {changed}")
    session.type("poweroff -f\n")
    demand(session.end(SECONDS) == 0, "QEMU's exit status is not 0")


def computes(session, vcpus):
    demand(shell(session, GUEST, "nproc").strip() == str(vcpus), f"nproc is not {vcpus}")
    sums = shell(session, GUEST, f"for c in $(seq 0 {vcpus - 1}); do taskset -p $((1 << c)) $$ >/dev/null;"
                 " seq 1 2000 | awk '{ s += $1 * 0.5 } END { print s }'; done")
    demand(sums.split() == ["1000500"] * vcpus, f"sums on {vcpus} CPUs: {sums.split()}")


def power_off(session):
    session.type("poweroff\n")
    session.expect(r"reboot: Power down", SECONDS)


def guest(session, _, vcpus):
    """As a person has it who only wants a guest: to its shell, a reboot, and off."""
    ready(session)
    computes(session, vcpus)
    session.type("reboot\n")
    session.expect(r"reboot: Restarting system", SECONDS)
    ready(session)
    computes(session, vcpus)
    power_off(session)
    demand(session.end(SECONDS) == 0, "QEMU's exit status is not 0")


def programs(session, _, vcpus):
    """Programs of the host keep their registers beside a guest that uses the same ones."""
    begin(session)
    before = registers(session)
    load(session)
    session.type("for i in 1 2 3; do /fp 30 & done >/fp.log; sh /run\n")
    ready(session)
    computes(session, vcpus)
    power_off(session)
    session.expect(HOST, SECONDS)
    said = host(session, "wait; cat /fp.log")
    demand(len(re.findall(r"^fp: kept [0-9]+ times$", said, re.MULTILINE)) == 3, f"programs say: {said}")
    unload(session, before)


def hotplug(session, _, vcpus):
    """CPU 1 goes and comes 12 times while the guest runs, and the last guest is killed."""
    begin(session)
    before = registers(session)
    load(session)
    session.type("cd /sys/devices/system/cpu/cpu1; (for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo 0 >online;"
                 " usleep 300000; echo 1 >online; usleep 300000; echo $i; done >/plugged) & sh /run\n")
    ready(session)
    computes(session, vcpus)
    power_off(session)
    session.expect(HOST, SECONDS)
    demand(host(session, "wait; tail -n 1 /plugged; cat online").split()[-2:] == ["12", "1"],
           "CPU 1 did not come back each time")
    session.type("(sleep 3; killall -9 vmm) & sh /run\n")
    session.expect(r"Killed\n", SECONDS)
    session.expect(HOST, SECONDS)
    unload(session, before)


def two(session, _, vcpus):
    """Two VMMs at once, both to the end of their guests' shells."""
    begin(session)
    before = registers(session)
    load(session)
    host(session, "for i in 1 2; do (until grep -q '~ #' /vm$i 2>/dev/null; do sleep 1; done; echo poweroff) |"
         " sh /run >/vm$i 2>&1 & done; wait", 2 * STALL)
    for number in (1, 2):
        said = host(session, f"cat /vm{number}")
        demand(f"with {vcpus} CPU(s), a guest of libvcpu" in said and "reboot: Power down" in said,
               f"guest {number} did not come to its end: {said[-500:]}")
    unload(session, before)


def taken(session, _, __):
    """KVM has EL2: an errno and a line of the log."""
    begin(session)
    said = host(session, "insmod /libvcpu.ko; dmesg | grep vcpu:")
    demand("Resource busy" in said or "busy" in said, f"insmod says: {said}")
    demand("kvm-arm.mode=none" in said, f"the log does not say why: {said}")
    session.type("poweroff -f\n")
    demand(session.end(SECONDS) == 0, "QEMU's exit status is not 0")


def main(run_sh, build, scene, cpu, cpus, vcpus):
    scenes = {f.__name__: f for f in (guest, programs, hotplug, two, taken)}
    files = os.path.join(build, "tests/system/linux_host")
    os.environ["VCPU_HOST_FILES"] = f"{files}/el2.ko {files}/fp"
    if scene == "taken":
        os.environ["VCPU_HOST_KVM"] = "nvhe" if cpu == "cortex-a72" else "vhe"
    command = [run_sh, "--build", build, "--host", "linux", "--cpu", cpu, "--cpus", cpus, "--vcpus", vcpus,
               "--memory", "256"] + ["--host-shell"] * (scene != "guest")
    play(command, 3 * STALL, lambda session: scenes[scene](session, int(cpus), int(vcpus)))


if __name__ == "__main__":
    main(*sys.argv[1:])

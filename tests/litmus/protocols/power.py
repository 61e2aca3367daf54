# SPDX-License-Identifier: MIT
"""The lives of vCPUs: CPU_OFF, CPU_ON and its completion (vm/power.c, psci/), creation."""

from program import Program

from .parts import ABSENT, CALLS, CPU0, CPU1, KICK, OFF, call_out, claim, put

ON_STATE, OFF_STATE, PENDING = 0, 1, 2  # enum vcpu_power
NOBODY, CALLER0, CALLER1 = 0, 1, 2


def power_off(t):
    """vm/power.c, on the target's CPU."""
    t.at("vm/power.c:vcpu_power_off")
    t.rmw("token", lambda old: old | OFF, used=False)
    t.at(None)
    t.store("state", 1)
    put(t)
    t.at("vm/power.c:vcpu_power_off")
    t.store("power", OFF_STATE, "power_off: release")


def take(t, caller):
    """vm/power.c: did this caller get the right to turn the target on?"""
    t.at("vm/power.c:vcpu_power_take")
    t.swap("power", OFF_STATE, PENDING, "power_take: acquire")
    t.store("on_target", 1)
    t.store("on_by", caller, "power_take: release")


def end(t, power):
    t.at("vm/power.c:vcpu_power_end")
    t.store("on_by", NOBODY)
    t.store("power", power, "power_end: release")


def turn_on(t):
    """psci/complete.c: the caller's host says yes. The reset reads what the put left, too."""
    take(t, CALLER0)
    t.at(None)
    left = t.load("state")
    t.store("state", 2)
    t.store("has_entry", 1)
    late = not t.step("complete_cpu_up: power before token")
    if not late:
        end(t, ON_STATE)
    t.at("psci/complete.c:vcpu_complete_cpu_up")
    t.rmw("token", lambda old: old & ~OFF, release="complete_cpu_up: release", used=False)
    if late:
        end(t, ON_STATE)
    return {"left": left}


def run_elsewhere(t):
    has_entry = claim(t, CPU1)
    return {"has_entry": has_entry, "started": t.load("state")}


def run_and_power_off(t):
    """It runs elsewhere and turns itself off again."""
    has_entry = claim(t, CPU1)
    started = t.load("state")
    t.at("vm/power.c:vcpu_power_off")
    t.store("power", OFF_STATE, "power_off: release")
    return {"has_entry": has_entry, "started": started}


def refuse(t):
    """The host of caller 0, whose CPU_ON is open, refuses it."""
    end(t, OFF_STATE)


def call_again(t):
    """Another caller."""
    take(t, CALLER1)


def call(caller):
    def run(t):
        take(t, caller)
        return {f"got{caller}": 1}
    return run


def disown(t):
    """The target is reset: the caller, found by on_by, is told that its CPU_ON is over."""
    t.at("vm/power.c:vcpu_power_disown")
    caller = t.load("on_by", "disown: acquire")
    t.assume(caller != NOBODY)
    return {"on_target": t.load("on_target", addr=caller)}


def reset(t):
    """vm/vcpu.c, begin: the vCPU, which is off, is reset to be on."""
    t.at("vm/vcpu.c:begin")
    t.rmw("token", lambda old: old & ~CALLS, "begin: acquire")
    t.at(None)
    t.store("state", 2)
    t.at("vm/vcpu.c:begin")
    t.rmw("token", lambda old: old & ~OFF, release="begin: release", used=False)


def kick(t):
    call_out(t, KICK)


def turn_off(t):
    t.at("vm/power.c:vcpu_power_off")
    t.rmw("token", lambda old: old | OFF, used=False)
    put(t)


def create(t):
    """vm/vcpu.c: the vCPU's memory is written, then other vCPUs' CPU_ON can find it."""
    t.store("mpidr", 1)
    t.at("vm/vcpu.c:vcpu_create")
    t.store("vcpu", 1, "create: release")


def find(t):
    t.at("vm/lookup.c:vcpu_vm_vcpu")
    vcpu = t.load("vcpu", "lookup: acquire")
    t.assume(vcpu != 0)
    return {"mpidr": t.load("mpidr", addr=vcpu)}


def set_host(t):
    """cpu/vectors.c: one CPU says whose hooks the vectors of all CPUs call."""
    t.store("host.irq", 1)
    t.at("cpu/vectors.c:vcpu_vectors_set_host")
    t.swap("owned_host", 0, 1, "set_host: acquire", "set_host: release")


def take_interrupt(t):
    t.at("cpu/vectors.c:vcpu_owned_irq")
    host = t.load("owned_host", "owned_irq: acquire")
    t.assume(host != 0)
    return {"irq": t.load("host.irq", addr=host)}


RESIDENT = {"token": CPU0}
PROGRAMS = [
    Program("CPU_OFF, CPU_ON and a run", (power_off, turn_on, run_elsewhere), initial=RESIDENT,
            bad=lambda o: o.left != 1 or o.started != 2 or not o.has_entry or
            o["token"] & ~CALLS != CPU1,
            good=lambda o: o.started == 2,
            needs={"power_take: acquire", "complete_cpu_up: release", "claim: load"}),
    Program("CPU_ON and a CPU_OFF at once", (turn_on, run_and_power_off),
            initial={"token": ABSENT | OFF, "power": OFF_STATE, "state": 1},
            bad=lambda o: o["power"] != OFF_STATE or o.started != 2,
            good=lambda o: o.started == 2,
            needs={"complete_cpu_up: release", "complete_cpu_up: power before token"}),
    Program("CPU_ON refused, and another caller", (refuse, call_again),
            initial={"power": PENDING, "on_by": CALLER0},
            bad=lambda o: o["on_by"] != CALLER1, good=lambda o: o["power"] == PENDING,
            needs={"power_end: release"}),
    Program("CPU_ON, and a reset of its target", (call(CALLER0), disown),
            initial={"power": OFF_STATE}, bad=lambda o: not o.on_target,
            good=lambda o: o.on_target, needs={"power_take: release"}),
    Program("reset and a run", (reset, run_elsewhere),
            initial={"token": ABSENT | OFF, "state": 1, "has_entry": 1},
            bad=lambda o: o.started != 2, good=lambda o: o.started == 2,
            needs={"begin: release"}),
    Program("CPU_ON by two callers", (call(CALLER0), call(CALLER1)),
            initial={"power": OFF_STATE}, bad=lambda o: o.got1 and o.got2, good=None, needs=set()),
    Program("kick and CPU_OFF", (kick, turn_off), initial=RESIDENT,
            bad=lambda o: o["token"] != ABSENT | OFF | KICK, good=lambda o: True, needs=set()),
    Program("create and look-up", (create, find), bad=lambda o: o.mpidr == 0,
            good=lambda o: o.mpidr == 1, needs={"create: release"}),
    Program("vectors of the library", (set_host, take_interrupt), bad=lambda o: o.irq == 0,
            good=lambda o: o.irq == 1, needs={"set_host: release"}),
]

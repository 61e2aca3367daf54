# SPDX-License-Identifier: MIT
"""Interrupt lines of a vCPU: inject/lines.c, switch/switch.c; a new stage-2 root, and traps of waits."""

from program import Program

from .parts import ABSENT, CHANGED, CPU0, CPU1, call_out, claim, has_work, put, take_lines

LINE = 1


def set_line(t, level, wake=False):
    t.at("inject/lines.c:set_line")
    before = t.rmw("lines", lambda old: old | LINE if level else old & ~LINE)
    if bool(before & LINE) == level:
        return 0
    return call_out(t, CHANGED, wake)


def raise_line(t):
    set_line(t, True)


def lower_line(t):
    set_line(t, False)


def update(t):
    """run/exit_long.c: the token says that something changed; then the guest goes on."""
    taken = 0
    t.at("run/exit_long.c:vcpu_exit_told")
    if (t.load("token") & CHANGED) != 0:
        t.at("switch/switch.c:vcpu_switch_update")
        t.rmw("token", lambda old: old & ~CHANGED, "update: acquire")
        taken = take_lines(t)
    return {"taken": taken}


def claim_and_take(t):
    """The CHANGED that is older than the claim is dropped: the lines are taken at the load."""
    claim(t, CPU0)
    return {"taken": take_lines(t)}


def set_root(t):
    """vm/vcpu.c, vcpu_set_ept_root."""
    t.store("vttbr", 1)
    t.at("vm/vcpu.c:vcpu_set_ept_root")
    t.rmw("token", lambda old: old | CHANGED, release="set_root: release", used=False)


def update_root(t):
    t.assume((t.load("token") & CHANGED) != 0)
    t.at("switch/switch.c:vcpu_switch_update")
    t.rmw("token", lambda old: old & ~CHANGED, "update: acquire")
    return {"root": t.load("vttbr")}


def set_traps(t):
    """vm/traps.c: for each vCPU."""
    t.store("wait_traps", 1)
    t.at("vm/traps.c:vcpu_vm_set_traps")
    t.rmw("token", lambda old: old | CHANGED, release="set_traps: release", used=False)


def update_traps(t):
    t.assume((t.load("token") & CHANGED) != 0)
    t.at("switch/switch.c:vcpu_switch_update")
    t.rmw("token", lambda old: old & ~CHANGED, "update: acquire")
    return {"traps": t.load("wait_traps")}


def claim_elsewhere(t):
    """The put can have dropped the CHANGED."""
    claim(t, CPU1)
    return {"traps": t.load("wait_traps")}


def stale(o):
    """The guest runs with other lines than the host has set, and nothing says that they changed."""
    return not o["token"] & CHANGED and o.taken != o["lines"]


def raise_and_wake(t):
    return {"woken": set_line(t, True, wake=True)}


def wait_for_line(t):
    return {"sleeps": has_work(t, "lines")}


RESIDENT = {"token": CPU0}
NOWHERE = {"token": ABSENT, "has_entry": 1}
PROGRAMS = [
    Program("set_line and update", (raise_line, update), initial=RESIDENT, bad=stale,
            good=lambda o: o.taken == LINE and not o["token"] & CHANGED,
            needs=set()),
    Program("two set_line and update", (raise_line, lower_line, update), initial=RESIDENT,
            bad=stale, good=lambda o: o["lines"] == 0 and not o["token"] & CHANGED,
            needs={"update: acquire"}),
    Program("set_line and claim", (raise_line, claim_and_take), initial=NOWHERE, bad=stale,
            good=lambda o: o.taken == LINE and not o["token"] & CHANGED,
            needs=set()),
    Program("a new root and update", (set_root, update_root), initial=RESIDENT,
            bad=lambda o: not o.root, good=lambda o: o.root,
            needs={"set_root: release", "update: acquire"}),
    Program("set_traps and update", (set_traps, update_traps), initial=RESIDENT,
            bad=lambda o: not o.traps, good=lambda o: o.traps,
            needs={"set_traps: release", "update: acquire"}),
    Program("set_traps, put and claim", (set_traps, put, claim_elsewhere),
            initial=RESIDENT | {"has_entry": 1},
            bad=lambda o: not o.traps and not o["token"] & CHANGED,
            good=lambda o: o.traps and not o["token"] & CHANGED,
            needs={"set_traps: release"}),
    Program("set_line, wake and has_work", (raise_and_wake, wait_for_line), initial=NOWHERE,
            bad=lambda o: o.sleeps and not o.woken, good=lambda o: o.sleeps and o.woken,
            needs={"call_out: fence", "has_work: fence"}),
]

# SPDX-License-Identifier: MIT
"""Kicks, entry, and residence: kick/, run/enter.c, asm/run.S, the end of a put."""

from program import Program

from .parts import (ABSENT, CALLS, CPU0, CPU1, KICK, SLOW, call_out, claim, has_work, lock, put,
                    unlock)


def kick(t):
    call_out(t, KICK)


def enter_at_once(t):
    """asm/run.S, with interrupts masked: the token is read once."""
    t.at("run.S:vcpu_run")
    return {"entered": t.load("token") == CPU0}


def lost(o):
    """The guest runs, the kick was never seen, and no interrupt will bring it out."""
    return o.entered and o["irq:0"] == 0 and o["token"] & KICK


def interrupted_host(t):
    """A host that takes interrupts as exceptions, perhaps just before it calls vcpu_run."""
    if t.choice(2):
        t.take_irq(0)
    return enter_at_once(t)


def polling_host(t):
    """A host that acknowledges the interrupt with DAIF.I set, and then calls vcpu_run. The DSB is its
    own (vcpu/host.h), or behind the interrupt hook."""
    if t.choice(2):
        t.acknowledge(0)
        t.at("run/enter.c:hook_irq")
        t.fence("dsb ish", "poll: dsb")
    return enter_at_once(t)


def claiming_host(t):
    """run/enter.c: not resident yet, so vcpu_run comes here. Then the token is read once more."""
    if t.choice(2):
        t.take_irq(0)
    claim(t, CPU0)
    t.at("device/device.c:vcpu_device_told")
    return {"entered": (t.load("token") & CALLS) == 0}


def send_data(t):
    t.store("data", 1)
    call_out(t, KICK)


def exit_kick(t):
    """run/exit_long.c: the run returns VCPU_EXIT_KICK, and the host reads what was sent."""
    t.at("run/exit_long.c:vcpu_exit_kick")
    t.assume((t.load("token") & KICK) != 0)
    t.rmw("token", lambda old: old & ~KICK, "exit_kick: acquire")
    return {"data": t.load("data")}


def enable_and_claim(t):
    """cpu/percpu.c writes the block, then a first vCPU comes to the CPU; claim may set SLOW."""
    t.store("block.host", 1)
    claim(t, CPU0)
    if t.choice(2):
        t.at("run/enter.c:claim")
        t.rmw("token", lambda old: old | SLOW, used=False)


def enable(t):
    t.store("block.features", 1)
    t.at("cpu/block.c:vcpu_block_fill")
    t.store("block.enabled", 1, "block_fill: release")


def ask_features(t):
    t.at("cpu/percpu.c:vcpu_percpu_features")
    t.assume(t.load("block.enabled", "percpu_features: acquire") == 1)
    return {"features": t.load("block.features")}


def debug_set(t):
    """debug/host.c: the next run must not be the fast path, which does not look at the settings."""
    t.store("settings", 1)
    t.at("debug/host.c:changed")
    t.rmw("token", lambda old: old | SLOW, release="debug_set: release", used=False)


def run_slow(t):
    t.at("run/enter.c:run_masked")
    t.assume(t.load("token", "run_masked: acquire") == CPU0 | SLOW)
    return {"settings": t.load("settings")}


def kick_by_block(t):
    """comes_out and send_kick read the block that the token names."""
    t.at("kick/kick.c:vcpu_call_out")
    token = t.rmw("token", lambda old: old | KICK, "call_out: acquire", "call_out: release")
    t.at(None)
    cpu = token & CPU0
    if cpu == 0:
        return {"host": 1}
    return {"host": t.load("block.host", addr=cpu)}


def enable_again(t):
    """cpu/block.c: the vCPU is put, this CPU is disabled and enabled with the same block."""
    put(t)
    t.at("cpu/block.c:vcpu_block_fill")
    if t.step("block_fill: what stays the same is not written"):
        if t.load("block.host") != 1:
            t.store("block.host", 1)
    else:
        t.store("block.host", 0)
        t.store("block.host", 1)


def run_and_put(t):
    """The vCPU comes to this CPU and leaves it. Its guest's TLBI began here."""
    claim(t, CPU0)
    t.store("state", 1)
    t.system_write("tlbi", 1)
    put(t)


def claim_after(t):
    """It goes on elsewhere."""
    claim(t, CPU1)
    return {"state": t.load("state"), "tlbi": t.load("tlbi")}


def kick_and_wake(t):
    return {"woken": call_out(t, KICK, wake=True)}


def wait_for_kick(t):
    return {"sleeps": has_work(t)}


def kick_and_wake_locked(t):
    """The wake hook takes the host's lock, as the mini-host's."""
    call_out(t, KICK)
    lock(t)
    woken = t.load("waits")
    unlock(t)
    return {"woken": woken}


def wait_locked(t):
    """The host marks the vCPU as waiting with its lock, then looks for work without it. The unlock's
    STLR and the LDAR of has_work are in order, so this host needs no fence there."""
    lock(t)
    t.store("waits", 1)
    unlock(t)
    return {"sleeps": has_work(t, marks=False)}


def resident_then_waits(t):
    """It is put, with what came meanwhile kept, and then waits."""
    put(t)
    t.at(None)
    return {"sleeps": has_work(t)}


def take_twice(cpu):
    def run(t):
        claim(t, cpu)
        return {f"got{cpu}": 1}
    return run


RESIDENT = {"token": CPU0}
NOWHERE = {"token": ABSENT, "has_entry": 1}
PROGRAMS = [
    Program("kick and entry", (kick, interrupted_host), initial=RESIDENT, bad=lost,
            good=lambda o: o.entered and o["irq:0"] == 1, needs={"send_kick: dsb"}),
    Program("kick and entry, polling host", (kick, polling_host), initial=RESIDENT, bad=lost,
            good=lambda o: not o.entered and o["irq:0"] == 0,
            needs={"send_kick: dsb", "poll: dsb"}),
    Program("kick and claim", (kick, claiming_host), initial=NOWHERE, bad=lost,
            good=lambda o: o.entered and o["irq:0"] == 1, needs=set()),
    Program("what was written before a kick", (send_data, exit_kick), initial=RESIDENT,
            bad=lambda o: o.data == 0, good=lambda o: o.data == 1,
            needs={"call_out: release", "exit_kick: acquire"}),
    Program("kick and a block just enabled", (enable_and_claim, kick_by_block), initial=NOWHERE,
            bad=lambda o: o.host == 0, good=lambda o: o["token"] & CPU0 and o.host == 1,
            needs={"claim: release"}),
    Program("kick and a block enabled again", (enable_again, kick_by_block),
            initial={"token": CPU0, "block.host": 1}, bad=lambda o: o.host == 0,
            good=lambda o: o["token"] == ABSENT | KICK,
            needs={"block_fill: what stays the same is not written"}),
    Program("enabled, and its features", (enable, ask_features),
            bad=lambda o: not o.features, good=lambda o: o.features,
            needs={"block_fill: release", "percpu_features: acquire"}),
    Program("debug settings and SLOW", (debug_set, run_slow), initial=RESIDENT,
            bad=lambda o: not o.settings, good=lambda o: o.settings,
            needs={"debug_set: release", "run_masked: acquire"}),
    Program("put and claim", (run_and_put, claim_after), initial=NOWHERE,
            bad=lambda o: o["token"] == CPU1 and (o.state == 0 or o.tlbi == 0),
            good=lambda o: o["token"] == CPU1 and o.state == 1,
            needs={"claim: acquire", "put: dsb"}),
    Program("claimed twice", (take_twice(CPU0), take_twice(CPU1)), initial=NOWHERE,
            bad=lambda o: o.got64 and o.got128, good=None, needs=set()),
    Program("wake and has_work", (kick_and_wake, wait_for_kick), initial=NOWHERE,
            bad=lambda o: o.sleeps and not o.woken, good=lambda o: o.sleeps and o.woken,
            needs={"call_out: fence", "has_work: fence"}),
    Program("wake and has_work, with a host's lock", (kick_and_wake_locked, wait_locked),
            initial=NOWHERE, bad=lambda o: o.sleeps and not o.woken,
            good=lambda o: o.sleeps and o.woken, needs=set()),
    Program("wake, put and has_work", (kick_and_wake, resident_then_waits), initial=RESIDENT,
            bad=lambda o: o.sleeps and not o.woken, good=lambda o: o.sleeps and o.woken,
            needs={"call_out: fence", "has_work: fence"}),
]

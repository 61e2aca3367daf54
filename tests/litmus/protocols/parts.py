# SPDX-License-Identifier: MIT
"""Parts of the library that several programs have in common, as the compilers make them.

`thread.at` names the function of src/ (or asm/) that the next accesses are in. Names of orderings
are "function: what". An interrupt (model.py) is the SGI of the host's send_kick hook.
"""

KICK, SLOW, CHANGED, OFF, ABSENT, NOTIFY = 1, 2, 4, 8, 16, 32
CALLS = KICK | NOTIFY
BITS = 63
CPU0, CPU1 = 64, 128  # addresses of per-CPU blocks

# Orderings that no program needs, and why the code has them all the same. An address dependency is
# order for the processor, but not in the C model, which the compiler goes by.
SUPERFLUOUS = {
    "call_out: acquire": "an address dependency: the block's address comes from the token",
    "lookup: acquire": "an address dependency: the vCPU's address",
    "owned_irq: acquire": "an address dependency: the host's address",
    "disown: acquire": "an address dependency: the caller's address",
    "put: release": "the DSB before it, which is for TLB maintenance, orders more",
    "free: release": "the DSB of the TLB maintenance before it orders more; the allocator itself is pure",
    "power_off: release": "the DSB in the put before it orders more",
    "has_work: acquire": "the fence before it is enough: each reason is written before call_out's fence",
    "take_mail: acquire": "who takes senders out of mail_from writes it, and a write waits for the branch "
                          "on the mail; a read would not",
    "set_host: acquire": "nothing is read after it: it is a sequentially consistent swap, once",
}


def call_out(thread, bit, wake=False):
    """kick/kick.c: sets the bit and sends the interrupt, from a CPU where the vCPU is not. Returns
    whether the wake hook found the vCPU waiting."""
    thread.at("kick/kick.c:vcpu_call_out")
    token = thread.rmw("token", lambda old: old | bit, "call_out: acquire", "call_out: release")
    thread.fence("dmb ish", "call_out: fence")
    thread.at(None)
    cpu = token & ~BITS
    if cpu != 0:
        thread.fence("dsb ish", "send_kick: dsb")
        thread.send_sgi(int(cpu) // CPU0 - 1)
    return thread.load("waits") if wake else 0


def claim(thread, cpu):
    """run/enter.c: makes the vCPU, which is nowhere, resident. Returns what it found of has_entry."""
    thread.at("run/enter.c:claim")
    token = thread.load("token", "claim: load")
    thread.assume((token & (OFF | ABSENT)) == ABSENT)
    has_entry = thread.load("has_entry")
    thread.swap("token", token, (token & CALLS) | cpu, "claim: acquire", "claim: release")
    return has_entry


def told(thread):
    """device/device.c: if there is notice, it is cleared, and the devices' sync is called."""
    thread.at("device/device.c:vcpu_device_told")
    if (thread.load("token") & NOTIFY) == 0:
        return False
    thread.rmw("token", lambda old: old & ~NOTIFY, "told: acquire")
    return True


def put(thread):
    """switch/switch.c: the end of a put; the state is in memory."""
    thread.at("switch/switch.c:vcpu_switch_put")
    thread.fence("dsb ish", "put: dsb")
    token = thread.load("token")
    thread.swap("token", token, (token & (CALLS | OFF)) | ABSENT, release="put: release")


def take_lines(thread):
    """switch/switch.c: the interrupt lines for the next entry."""
    thread.at("switch/switch.c:take_lines")
    return thread.rmw("lines", lambda old: old)


def has_work(thread, *reasons, marks=True):
    """kick/has_work.c, after the host's mark that the vCPU waits: no reason to go on?"""
    if marks:
        thread.store("waits", 1)
    thread.at("kick/has_work.c:vcpu_has_work")
    thread.fence("dmb ish", "has_work: fence")
    if (thread.load("token", "has_work: acquire") & CALLS) != 0:
        return False
    for reason in reasons:
        if thread.load(reason) != 0:
            return False
    return True


def lock(thread):
    """Any lock. The real one (gic/lock.h) is a program of its own, in gic.py."""
    thread.at(None)
    thread.assume(thread.rmw("lock", lambda old: 1, "lock: acquire") == 0)


def unlock(thread):
    thread.at(None)
    thread.store("lock", 0, "unlock: release")

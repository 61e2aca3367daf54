# SPDX-License-Identifier: MIT
"""The interrupt controller: its lock, mail of SGIs, a vCPU that has something new (dirty, work)."""

from program import Program

from .parts import (ABSENT, CALLS, CPU0, NOTIFY, OFF, call_out, claim, has_work, lock, put, told, unlock)

# ---- The lock ----


def add_and_unlock(t):
    t.at(None)
    t.store("data", t.load("data") + 1)
    t.at("gic/lock.h:gic_unlock")
    served = t.load("served")
    t.store("served", served + 1, "gic_unlock: release")


def add_one(t):
    """gic/lock.h, twice; what is between them is one thread's at a time."""
    t.at("gic/lock.h:gic_lock")
    ticket = t.rmw("next", lambda old: old + 1)
    t.wait_for("served", ticket, "gic_lock: acquire")
    add_and_unlock(t)


def try_to_add_one(t):
    """The same, if nobody has the lock or waits for it."""
    t.at("gic/lock.h:gic_try_lock")
    served = t.load("served", "gic_try_lock: acquire")
    t.swap("next", served, served + 1)
    add_and_unlock(t)


# ---- Mail ----


def post(t, sgi, sender=0, wake=False):
    """gic/short.c: an SGI to another vCPU. Version 2 says who sends it. Returns what woke it."""
    if sender:
        t.at("gic/short.c:post_either")
        t.rmw("mail_from", lambda old: old | sender, used=False)
    t.at("gic/short.c:post")
    if t.rmw("mail", lambda old: old | sgi, release="post: release") != 0:
        return 0
    return call_out(t, NOTIFY, wake)


def sender_of(sgi, sender=0):
    return lambda t: post(t, sgi, sender) and None


def sender_that_wakes(sgi):
    return lambda t: {f"woken{sgi}": post(t, sgi, wake=True)}


def take_mail(t):
    """vcpu_gic_sync."""
    t.at("gic/short.c:sync")
    if t.load("mail") == 0:
        return 0
    t.at("gic/short.c:take_mail")
    return t.rmw("mail", lambda old: 0, "take_mail: acquire")


def receive(t):
    return {"got": take_mail(t) if told(t) else 0}


def receive_v2(t):
    sgis = take_mail(t) if told(t) else 0
    if sgis == 0:
        return {"senders": 0}
    t.at("gic/short.c:take_mail")
    return {"senders": t.rmw("mail_from", lambda old: 0)}


def forgotten_mail(o):
    """SGIs in the mail, and no notice: who sends more will find mail and give none either."""
    return o["mail"] and not o["token"] & NOTIFY


def wait_for_mail(t):
    return {"sleeps": has_work(t, "mail")}


# ---- A device's notice, and a reset ----


def notify(t):
    """A device with something new for the vCPU."""
    t.store("news", 1)
    call_out(t, NOTIFY)


def reset(t):
    """vm/vcpu.c, begin: calls are dropped before the devices' reset; later ones stay. Then a run."""
    keeps = t.step("begin: later notices stay")
    t.at("vm/vcpu.c:begin")
    if keeps:
        old = t.rmw("token", lambda old: old & ~CALLS, "begin: acquire")
        t.assume(int(old) & ABSENT)
    t.at(None)
    t.store("news", 0)
    t.at("vm/vcpu.c:begin")
    if keeps:
        old = t.rmw("token", lambda old: old & ~OFF, release="begin: release", used=False)
        t.assume(int(old) & ABSENT)
    else:
        t.store("token", ABSENT)
    claim(t, CPU0)
    return {"seen": t.load("news") if told(t) else 0}


# ---- Dirty and work ----


def rise(t, spi, work=False, wake=False):
    """gic/line.c: an SPI's line rises. gic/model.c, tell: no notice if the flags were set already."""
    lock(t)
    t.store(spi, 1)
    t.at("gic/model.c:vcpu_gic_tell")
    known = t.rmw("dirty", lambda old: 1)
    if work:
        known = known & t.rmw("work", lambda old: 1)
    t.at(None)
    news = known == 0
    unlock(t)
    return call_out(t, NOTIFY, wake) if news else 0


def rises(spi):
    return lambda t: rise(t, spi) and None


def rises_and_wakes(t):
    return {"woken": rise(t, "spi1", work=True, wake=True)}


def present(*spis):
    """gic/update.c: the list registers get what the banks have."""
    def run(t):
        presented = dict.fromkeys(spis, 0)
        if told(t):
            t.at("gic/update.c:vcpu_gic_is_behind")
            if t.load("dirty") != 0:
                lock(t)
                t.at("gic/update.c:vcpu_gic_present")
                t.store("dirty", 0)
                presented = {spi: t.load(spi) for spi in spis}
                unlock(t)
        return presented
    return run


def put_then_wait(t):
    """gic/device.c, gic_put: whether there is work is found under the lock. Then the vCPU waits."""
    lock(t)
    t.at("gic/device.c:gic_put")
    bank = t.load("spi1")
    t.store("work", bank)
    t.store("dirty", 0)
    unlock(t)
    put(t)
    t.at(None)
    return {"sleeps": has_work(t, "work")}


def refill_and_wake(t):
    """gic/line.c, short.c: a list register written at once, without notice."""
    t.store("work", 1)
    t.at("kick/kick.c:vcpu_device_wake")
    t.fence("dmb ish", "device_wake: fence")
    t.at(None)
    return {"woken": t.load("waits")}


def wait_for_interrupt(t):
    return {"sleeps": has_work(t, "work")}


RESIDENT = {"token": CPU0}
NOWHERE = {"token": ABSENT, "has_entry": 1}
PROGRAMS = [
    Program("ticket lock", (add_one, add_one), bad=lambda o: o["data"] != 2,
            good=lambda o: o["data"] == 2, needs={"gic_lock: acquire", "gic_unlock: release"}, most=2),
    Program("ticket lock, taken if it is free", (add_one, try_to_add_one),
            bad=lambda o: o["data"] != 2, good=lambda o: o["data"] == 2,
            needs={"gic_lock: acquire", "gic_try_lock: acquire", "gic_unlock: release"}, most=2),
    Program("mail with two senders", (sender_of(1), sender_of(2), receive), initial=RESIDENT,
            bad=forgotten_mail, good=lambda o: o.got == 3, needs={"told: acquire"}),
    Program("mail of version 2", (sender_of(1, 1), sender_of(1, 2), receive_v2), initial=RESIDENT,
            bad=lambda o: o["mail_from"] and not o["mail"], good=lambda o: o.senders == 3,
            needs={"post: release"}),
    Program("mail, wake and has_work", (sender_that_wakes(1), sender_that_wakes(2), wait_for_mail),
            initial=NOWHERE, bad=lambda o: o.sleeps and not o.woken1 and not o.woken2,
            good=lambda o: o.sleeps and o.woken1, needs={"has_work: fence"}),
    Program("notice and a reset", (notify, reset), initial=NOWHERE,
            bad=lambda o: o["news"] and not o["token"] & NOTIFY and not o.seen,
            good=lambda o: o.seen, needs={"begin: later notices stay", "begin: acquire",
                                          "call_out: release", "told: acquire"}),
    Program("dirty and notice", (rises("spi1"), present("spi1")), initial=RESIDENT,
            bad=lambda o: not o["token"] & NOTIFY and not o.spi1, good=lambda o: o.spi1,
            needs={"told: acquire"}),
    Program("dirty by two lines, and notice", (rises("spi1"), rises("spi2"),
                                               present("spi1", "spi2")), initial=RESIDENT,
            bad=lambda o: not o["token"] & NOTIFY and not (o.spi1 and o.spi2),
            good=lambda o: o.spi1 and o.spi2,
            needs={"told: acquire", "lock: acquire", "unlock: release"}),
    Program("work, put and has_work", (rises_and_wakes, put_then_wait), initial=RESIDENT,
            bad=lambda o: o.sleeps and not o.woken, good=lambda o: o.sleeps and o.woken,
            needs={"has_work: fence"}),
    Program("list register, wake and has_work", (refill_and_wake, wait_for_interrupt),
            initial=NOWHERE, bad=lambda o: o.sleeps and not o.woken,
            good=lambda o: o.sleeps and o.woken, needs={"device_wake: fence", "has_work: fence"}),
]

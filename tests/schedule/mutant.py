#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A source of the library with one fault in it: mutant.py NAME SOURCE OUTPUT

The text that is replaced must be found exactly once, whatever its white space and orders of memory
accesses (ANY): so a change of the source never makes the fault disappear in silence.
"""

import re
import sys

# For each fault the file, and pairs of what stands there and what the faulty file has.
MUTANTS = {
    # An SGI for another vCPU is in its mail, and nobody tells it.
    "notice_left_out": ("gic/short.c", [
        ("ANY) && to != sender)", "memory_order_release) && false)")]),
    # An SGI that comes in between is wiped.
    "mail_read_before_cleared": ("gic/short.c", [
        ("sgis = atomic_exchange_explicit(&cpu->mail, 0, ANY);",
         "sgis = atomic_load_explicit(&cpu->mail, memory_order_acquire);"
         "atomic_store_explicit(&cpu->mail, 0, memory_order_relaxed);")]),
    # What is left of an SGI to several is never sent, or wipes what has come.
    "rest_forgotten": ("gic/short.c", [
        ("gic_send_later(cpu, sgir & GIC_REST);", "")]),
    "rest_wipes_mail": ("gic/short.c", [
        ("gic_stop_sending(cpu); send_sgi(gic, cpu, cpu->rest); return;",
         "atomic_store_explicit(&cpu->mail, 0, memory_order_relaxed);"
         "send_sgi(gic, cpu, cpu->rest); return;")]),
    # A sender of version 2 that comes in between is wiped.
    "senders_read_before_cleared": ("gic/short.c", [
        ("senders = gic_senders(gic, cpu, sgi);",
         "senders = gic->version == 2 ? atomic_load_explicit(&cpu->mail_from[sgi], "
         "memory_order_relaxed) : 1; atomic_store_explicit(&cpu->mail_from[sgi], 0, "
         "memory_order_relaxed);")]),
    # The receiver finds the mail, and the sender only then says that it is there.
    "sender_after_mail": ("gic/short.c", [
        ("if (gic->version == 2) atomic_fetch_or_explicit(&to->mail_from[sgi], "
         "(uint8_t)(1u << sender->index), ANY);", ""),
        ("post(gic, sender, to, index, sgi, group1);",
         "post(gic, sender, to, index, sgi, group1); atomic_fetch_or_explicit(&to->mail_from[sgi], "
         "(uint8_t)(1u << sender->index), memory_order_relaxed);")]),
    # A pending bit is set without the lock, while another CPU sets one in the same word.
    "latch_without_lock": ("gic/short.c", [
        ("vcpu_gic_lock(&gic->lock); gic_latch_sgi(cpu, sgi, senders); "
         "vcpu_gic_requeue(gic, cpu, 0, sgi, false); gic_unlock(&gic->lock);",
         "gic_latch_sgi(cpu, sgi, senders); vcpu_gic_requeue(gic, cpu, 0, sgi, false);")]),
    # A short write changes a word that another CPU changes with the lock held.
    "short_write_without_lock": ("gic/writes/quiet.c", [
        ("if (!gic_try_lock(&gic->lock)) return false;", ""),
        ("gic_unlock(&gic->lock);", "")]),
    # What was changed in between is marked as up to date.
    "dirty_cleared_late": ("gic/update.c", [
        ("vcpu_gic_present(gic, cpu, &news);", "vcpu_gic_present(gic, cpu, &news);"
         "atomic_store_explicit(&cpu->dirty, false, memory_order_relaxed);")]),
    # The receiver looks before there is anything to see.
    "dirty_set_after_notice": ("gic/update.c", [
        ("gic_notify(gic, 64 * word + (unsigned)__builtin_ctzll(bits));",
         "{ struct gic_cpu *cpu = gic->cpu[64 * word + (unsigned)__builtin_ctzll(bits)];"
         "atomic_store_explicit(&cpu->dirty, false, memory_order_relaxed);"
         "gic_notify(gic, cpu->index);"
         "atomic_store_explicit(&cpu->dirty, true, memory_order_relaxed); }")]),
    # The list registers of another CPU are changed, as if they were this one's.
    "listed_from_elsewhere": ("gic/inputs/line.c", [("cpu && !(gic->shared >> n & 1) && gic_is_here(cpu) &&", "cpu &&")]),
    # A line that rises while the vCPU is put is looked at, and then marked as up to date.
    "put_without_lock": ("gic/device.c", [
        ("leave(gic, vcpu); vcpu_gic_fold(gic, cpu, &news);",
         "leave(gic, vcpu); gic_unlock(&gic->lock); vcpu_gic_fold(gic, cpu, &news);"),
        ("atomic_store_explicit(&cpu->resident, 0, ANY);",
         "atomic_store_explicit(&cpu->resident, 0, memory_order_relaxed);"
         "gic_lock(&gic->lock);")]),
    # The end of a forwarded PPI on the CPU that it comes to ends nothing.
    "ppi_left_behind": ("gic/device.c", [
        ("news.active = true;", "")]),
    # A notice that comes during the sync is wiped.
    "notice_cleared_late": ("device/device.c", [
        ("atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, ANY);"
         "vcpu_device_sync(v);",
         "vcpu_device_sync(v);"
         "atomic_fetch_and_explicit(&v->token, ~TOKEN_NOTIFY, memory_order_acquire);")]),
    # A vCPU that waits is left there.
    "wake_left_out": ("kick/kick.c", [("if (host->wake)", "if (false)")]),
    "wake_left_out_on_short_path": ("gic/inputs/line.c", [("if (woken)", "if (false)")]),
    # The CPU that takes the interrupt does not see the bit yet.
    "kick_before_bit": ("kick/kick.c", [
        ("uint64_t token = atomic_fetch_or_explicit(&v->token, bit, ANY);",
         "uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);"),
        ("wake(v);",
         "atomic_fetch_or_explicit(&v->token, bit, memory_order_acq_rel); wake(v);")]),
    # A bit that is set in between is wiped.
    "bit_stored": ("kick/kick.c", [
        ("uint64_t token = atomic_fetch_or_explicit(&v->token, bit, ANY);",
         "uint64_t token = atomic_load_explicit(&v->token, memory_order_acquire);"
         "atomic_store_explicit(&v->token, token | bit, memory_order_release);")]),
    "put_stores_token": ("switch/switch.c", [
        ("while (!atomic_compare_exchange_weak_explicit( &v->token, &token, "
         "(token & (TOKEN_CALLS | TOKEN_OFF)) | TOKEN_ABSENT, ANY, "
         "ANY)) ;",
         "atomic_store_explicit(&v->token, (token & (TOKEN_CALLS | TOKEN_OFF)) | TOKEN_ABSENT, "
         "memory_order_release);")]),
    "cpu_up_stores_token": ("psci/complete.c", [
        ("atomic_fetch_and_explicit(&target->token, ~TOKEN_OFF, ANY);",
         "atomic_store_explicit(&target->token, TOKEN_ABSENT, memory_order_release);")]),
    # The kicks that a vCPU has when it comes to a CPU are wiped.
    "claim_drops_calls": ("run/enter.c", [
        ("(uintptr_t)cpu | (token & TOKEN_CALLS),", "(uintptr_t)cpu,")]),
    # Two CPUs claim the vCPU at once.
    "claim_without_owner": ("run/enter.c", [("if (owner) return VCPU_ERR_BUSY;", "")]),
    # The exit of a kick takes the notice with it.
    "kick_clears_notice": ("run/exit_long.c", [
        ("atomic_fetch_and_explicit(&v->token, ~TOKEN_KICK, ANY);",
         "atomic_fetch_and_explicit(&v->token, ~TOKEN_CALLS, memory_order_acquire);")]),
    # A line that changes in between stays unseen.
    "lines_read_before_cleared": ("switch/switch.c", [
        ("atomic_fetch_and_explicit(&v->token, ~TOKEN_CHANGED, ANY); take_lines(v);",
         "take_lines(v);"
         "atomic_fetch_and_explicit(&v->token, ~TOKEN_CHANGED, memory_order_acquire);")]),
    # Two vCPUs turn on a third one at once.
    "two_turn_on": ("vm/power.c", [
        ("if (atomic_compare_exchange_strong_explicit(&target->power, power, "
         "VCPU_POWER_ON_PENDING, ANY, ANY)) {",
         "if (atomic_load_explicit(&target->power, memory_order_acquire) == *power) {"
         "atomic_store_explicit(&target->power, VCPU_POWER_ON_PENDING, memory_order_relaxed);")]),
    # It can be turned on while it is still in its old CPU.
    "off_before_put": ("vm/power.c", [
        ("vcpu_switch_put(state_cpu(v), true);",
         "atomic_store_explicit(&v->power, VCPU_POWER_OFF, memory_order_release);"
         "vcpu_switch_put(state_cpu(v), true);")]),
}


def main(name, source, output):
    file, changes = MUTANTS[name]
    if not source.endswith("/src/" + file):
        sys.exit(f"{name} is a fault of {file}, not of {source}")
    with open(source, encoding="utf-8") as stream:
        text = stream.read()
    for old, new in changes:
        pattern = r"\s*".join(re.escape(token).replace("ANY", r"memory_order_\w+")
                              for token in re.findall(r"\w+|[^\w\s]", old))
        text, count = re.subn(pattern, lambda match, new=new: new, text)
        if count != 1:
            sys.exit(f"{name}: {source} has {count} times\n{old}")
    with open(output, "w", encoding="utf-8") as stream:
        stream.write(text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for mutant, (where, _) in MUTANTS.items():
            print(f"{mutant}:{where}")
    else:
        main(*sys.argv[1:])

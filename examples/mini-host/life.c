/* SPDX-License-Identifier: MIT */
#include "life.h"

#include "arch.h"
#include "console.h"
#include "cpu.h"
#include "exit.h"
#include "lock.h"
#include "terminal.h"

static struct {
    uint32_t guests; /* that are not gone */
    uint32_t failed;
    struct lock report; /* held while a table is printed: guests may end on two CPUs at once */
} life;

void life_begin(unsigned guests)
{
    life.guests = guests;
}

static void report(const struct guest *guest, enum guest_end end)
{
    static const char *const what[] = {
        [GUEST_OFF] = "powered off",
        [GUEST_RESET] = "reset the machine",
        [GUEST_FAILED] = "failed",
    };
    struct stats sum = {.count = {0}};
    uint64_t daif;

    for (unsigned i = 0; i < guest->vcpu_count; i++)
        stats_sum(&sum, &guest->vcpus[i].stats);
    daif = lock_acquire(&life.report);
    terminal_print("mini-host: %s %s", guest->options->name, what[end]);
    stats_print(&sum);
    lock_release(&life.report, daif);
}

static noreturn void end_machine(void)
{
    if (__atomic_load_n(&life.failed, __ATOMIC_RELAXED) == 0)
        exit_success();
    exit_failure();
}

static void bury(struct guest *guest, enum guest_end end)
{
    if (end != GUEST_OFF)
        __atomic_store_n(&life.failed, 1, __ATOMIC_RELAXED);
    report(guest, end);
    terminal_close(guest->number);
    if (__atomic_sub_fetch(&life.guests, 1, __ATOMIC_ACQ_REL) == 0)
        end_machine();
}

enum guest_progress life_start(struct guest *guest, const struct vcpu_percpu *cpu)
{
    char error[160];
    enum guest_progress progress = guest_start(guest, cpu, error, sizeof(error));

    if (progress == GUEST_CANNOT)
        terminal_print("mini-host: %s: %s", guest->options->name, error);
    return progress;
}

void life_give_up(struct guest *guest)
{
    bury(guest, GUEST_FAILED);
}

static void clear_up(struct guest *guest)
{
    enum guest_end end = (enum guest_end)guest->end;

    if (end != GUEST_RESET) {
        bury(guest, end);
        return;
    }
    terminal_print("mini-host: %s resets", guest->options->name);
    __atomic_store_n(&guest->end, GUEST_STARTS, __ATOMIC_RELEASE);
    cpu_start(&guest->vcpus[0]);
}

/* The first one says how. */
static bool set_end(struct guest *guest, enum guest_end end)
{
    uint32_t runs = GUEST_RUNS;

    return __atomic_compare_exchange_n(&guest->end, &runs, (uint32_t)end, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

void life_end(struct guest *guest, enum guest_end end)
{
    if (!set_end(guest, end))
        return;
    for (unsigned i = 0; i < guest->vcpu_count; i++)
        vcpu_kick(guest->vcpus[i].vcpu);
}

void life_vcpu_off(struct guest *guest)
{
    if (__atomic_sub_fetch(&guest->at_large, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    if (set_end(guest, GUEST_FAILED))
        terminal_print("mini-host: %s: the last vCPU went off without a SYSTEM_OFF",
                       guest->options->name);
    clear_up(guest);
}

noreturn void life_end_machine(struct guest *guest, enum guest_end end)
{
    while (!set_end(guest, end))
        arch_wfe(); /* another CPU is about to do all this */
    console_resume();
    if (end != GUEST_OFF)
        life.failed = 1;
    report(guest, end);
    end_machine();
}

/* SPDX-License-Identifier: MIT */
/*
 * What an exit costs, in retired instructions as the guest sees them. Runs under QEMU with
 * `-icount shift=0,sleep=off`, where one instruction is one nanosecond of virtual time, so that the
 * numbers are the same at each run; a row over its budget fails. Without icount the numbers mean
 * nothing.
 */
#include "bench.h"
#include "layout.h"
#include "run/run.h"
#include "state/state.h"
#include "testhost.h"
#include "vm.h"

extern const char bench_nothing[], bench_hypercall[], bench_mmio_read[], bench_mmio_write[],
    bench_psci[], bench_unknown[], bench_workaround[];

/* Nothing is mapped there, and no controller of 256 vCPUs has a redistributor. */
#define HOLE_IPA 0x0c000000u

_Noreturn void bench_unexpected(const struct vcpu *vcpu)
{
    console_print("bench: %s at 0x%lx, esr 0x%lx, ipa 0x%lx\n", vcpu_exit_name(vcpu->exit.reason),
                  vcpu->regs.pc, vcpu->exit.esr_el2, vcpu->exit.ipa.value);
    test_fail("an exit that the guest should not make");
    test_end();
}

/* The loop that any user of the library writes, the most frequent exit first. */
static uint64_t run_guest(struct vcpu_percpu *cpu, struct vcpu *vcpu)
{
    for (;;) {
        int reason = vcpu_run(cpu, vcpu);

        if (reason == VCPU_EXIT_HYPERCALL) {
            vcpu_complete_call(vcpu, 0);
        } else if (reason == VCPU_EXIT_MMIO_READ) {
            vcpu_complete_mmio_read(vcpu, 1);
        } else if (reason == VCPU_EXIT_MMIO_WRITE) {
            vcpu_complete_mmio_write(vcpu);
        } else if (reason == VCPU_EXIT_SYSTEM_OFF) {
            return vcpu->regs.x[1];
        } else {
            bench_unexpected(vcpu);
        }
    }
}

/* A host whose threads use FP, and which changes the thread after each hypercall. */
static uint64_t run_guest_between_threads(struct vcpu_percpu *cpu, struct vcpu *vcpu)
{
    while (vcpu_run(cpu, vcpu) == VCPU_EXIT_HYPERCALL) {
        vcpu_percpu_put_fp(cpu);
        vcpu_complete_call(vcpu, 0);
    }
    return vcpu->regs.x[1];
}

typedef uint64_t run_loop(struct vcpu_percpu *cpu, struct vcpu *vcpu);

static uint64_t ticks(struct test_vm *t, const char *snippet, run_loop *run)
{
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    uint64_t result;

    testhost_enter_at(vcpu, snippet);
    vcpu->regs.x[2] = HOLE_IPA;
    result = run(testhost_percpu(0), vcpu);
    vcpu_put(testhost_percpu(0), vcpu);
    vcpu_destroy(vcpu);
    return result;
}

uint64_t bench_instructions(uint64_t ticks)
{
    return (bench_all_instructions(ticks) + BENCH_COUNT - 1) / BENCH_COUNT;
}

void bench_row(const char *name, uint64_t instructions, uint64_t budget)
{
    test_begin(name);
    if (budget) {
        console_print("%-34s %5lu instructions, budget %lu\n", name, instructions, budget);
        CHECK(instructions <= budget);
    } else {
        console_print("%-34s %5lu instructions\n", name, instructions);
    }
    /* An exit cannot cost less than saving and restoring the general registers. */
    CHECK(instructions > 40);
}

static uint64_t cost(struct test_vm *t, const char *snippet)
{
    return bench_instructions(ticks(t, snippet, run_guest) - ticks(t, bench_nothing, run_guest));
}

static void row(struct test_vm *t, const char *name, const char *snippet, uint64_t own,
                uint64_t budget)
{
    bench_row(name, cost(t, snippet) - own, budget);
}

static uint64_t cost_with_gic(const char *snippet)
{
    uint64_t result;

    bench_vm_open(0);
    result = cost(&bench_vm.t, snippet);
    bench_vm_close();
    return result;
}

uint64_t bench_cost_of_hypercall(void)
{
    return cost_with_gic(bench_hypercall);
}

uint64_t bench_cost_of_mmio(void)
{
    return cost_with_gic(bench_mmio_read);
}

/*
 * The deepest that vcpu_run and all behind it has gone on this stack: words below the caller's SP
 * are painted, and looked at after exits of all the kinds above and one that is not on a short path.
 */
static void stack_row(struct test_vm *t)
{
    enum { WORDS = 256, PAINT = 0x5a };
    struct vcpu *vcpu = testhost_vcpu(t, 0);
    volatile uint64_t *sp;
    unsigned unused = 0;

    testhost_enter_at(vcpu, bench_psci);
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    for (unsigned i = 1; i <= WORDS; i++)
        sp[-(long)i] = PAINT;
    run_guest(testhost_percpu(0), vcpu);
    while (unused < WORDS && sp[(long)unused - WORDS] == PAINT)
        unused++;
    vcpu_put(testhost_percpu(0), vcpu);
    vcpu_destroy(vcpu);

    unsigned bytes = (WORDS - unused) * 8;

    test_begin("stack");
    console_print("%-34s %5u bytes, budget 512\n", "stack of the exit path", bytes);
    CHECK(bytes < 512);
    CHECK(bytes >= FRAME_SIZE);
}

/*
 * What vcpu_percpu_harden may choose, on whatever CPU this is: the price at an exit. The call is one
 * of QEMU's firmware, where it is no instruction of the guest's time but the SMC.
 */
static void hardened_rows(struct test_vm *t)
{
    static const struct {
        const char *name;
        uint64_t budget;
        struct guard guard;
    } rows[] = {
        {"hypercall, CLRBHB", BUDGET(123), {0}},
        {"hypercall, loop of 8", BUDGET(148), {.loop = 8}},
        {"hypercall, loop of 24", BUDGET(196), {.loop = 24}},
        {"hypercall, loop of 32", BUDGET(220), {.loop = 32}},
        {"hypercall, loop of 132", BUDGET(523), {.loop = 132}},
        {"hypercall, SMC", BUDGET(128), {.call = VCPU_PSCI_VERSION}},
        {"hypercall, ESB", BUDGET(128), {.serrors = GUARD_BY_ESB}},
        {"hypercall, DSB and ISR_EL1", BUDGET(129), {.serrors = GUARD_BY_ISR}},
    };
    struct percpu_state *cpu = (struct percpu_state *)testhost_percpu(0);

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].guard.serrors == GUARD_BY_ESB && !cpu->features.ras)
            continue;
        cpu->guard = rows[i].guard;
        cpu->vectors = vcpu_guard_vectors;
        row(t, rows[i].name, bench_hypercall, 0, rows[i].budget);
    }
    CHECK_EQ(vcpu_percpu_harden(testhost_percpu(0), 0, NULL), VCPU_OK);
}

static void threads_row(struct test_vm *t)
{
    uint64_t instructions = bench_instructions(
        ticks(t, bench_hypercall, run_guest_between_threads) - ticks(t, bench_nothing, run_guest));

    bench_row("hypercall, the host's threads use FP", instructions, BUDGET(355));
}

/* A VM whose calls go by vcpu/calls.h: with four ranges that do not match, and a mitigation. */
static void calls_rows(void)
{
    static const struct vcpu_call_range ranges[] = {{0x82000000, 0x8200ffff, VCPU_CALL_DENY},
                                                    {0xc2000000, 0xc200ffff, VCPU_CALL_DENY},
                                                    {0x83000000, 0x8300ffff, VCPU_CALL_DENY},
                                                    {0xc3000000, 0xc300ffff, VCPU_CALL_DENY}};
    const struct vcpu_percpu *const cpus[] = {testhost_percpu(0)};
    const struct vcpu_calls calls = {
        .ranges = ranges, .range_count = 4, .cpus = cpus, .cpu_count = 1};
    struct percpu_state *cpu = (struct percpu_state *)testhost_percpu(0);
    struct test_vm t;

    cpu->firmware = (struct firmware_answers){.asked = true, .workaround = {1, -1, -1}};
    testhost_vm(&t, 0);
    CHECK_EQ(vcpu_vm_set_calls(t.vm, &calls), VCPU_OK);
    row(&t, "PSCI_VERSION, 4 ranges", bench_psci, 1, BUDGET(140));
    row(&t, "SMCCC call for the host, 4 ranges", bench_unknown, 2, BUDGET(140));
    row(&t, "ARCH_WORKAROUND_1, 4 ranges", bench_workaround, 2, BUDGET(228));
    cpu->firmware.workaround[0] = 0; /* QEMU's firmware takes no instruction of the guest's time */
    row(&t, "ARCH_WORKAROUND_1, firmware", bench_workaround, 2, BUDGET(246));
    testhost_vm_free(&t);
}

static void size_row(void)
{
    test_begin("size of a vCPU");
    console_print("%-34s %5lu bytes, budget 4096\n", "a vCPU", sizeof(struct vcpu_state));
    CHECK(sizeof(struct vcpu_state) <= 4096);
}

void host_main(const struct machine *machine)
{
    struct test_vm t;

    testhost_enable(0);
    testhost_vm(&t, 0);

    row(&t, "hypercall", bench_hypercall, 0, BUDGET(110));
    row(&t, "MMIO read", bench_mmio_read, 0, BUDGET(140));
    row(&t, "MMIO write", bench_mmio_write, 0, BUDGET(145)); /* the design has no number for it */
    row(&t, "PSCI_VERSION", bench_psci, 1, BUDGET(140));     /* answered in the library */
    row(&t, "SMCCC call for the host", bench_unknown, 2, BUDGET(140));
    stack_row(&t);
    size_row();
    threads_row(&t);
    hardened_rows(&t);
    testhost_vm_free(&t);
    calls_rows();

    testhost_vm(&t, VCPU_VM_DIRECT_IRQ); /* HCR_EL2 changes hands at each exit */
    row(&t, "hypercall, direct VM", bench_hypercall, 0, 0);
    testhost_vm_free(&t);

    bench_vm_init(machine);
    bench_interrupts();
    bench_latency();
    bench_scale();
    test_end();
}

/* SPDX-License-Identifier: MIT */
/*
 * A vCPU in the middle of a computation is read out on one CPU, written into a fresh one of another
 * VM on the other CPU, and runs on: with the same result as the first one. And each register by its
 * id, of a vCPU that is in no CPU, in this one, and in another.
 */
#include "snapshot_vm.h"

#include <vcpu/device.h>

#include "cache.h"
#include "gic.h"
#include "irq.h"
#include "string.h"

#define RESULT_IPA  (TEST_RAM_IPA + 0x100000u)
#define DEVICE_SAYS UINT64_C(0x0123456789abcdef)
#define ROUNDS      100u

/* ---- The interrupt controller's part that is the VM's ---- */

/* Words of the frame that has SGIs and PPIs, in an order in which they can be written. */
static const uint16_t private_words[] = {0x080, 0xc04, 0x400, 0x404, 0x408, 0x40c, 0x410,
                                         0x414, 0x418, 0x41c, 0x100, 0x300, 0x200};
#define PRIVATE_WORDS (sizeof(private_words) / sizeof(private_words[0]))
#define SPENDSGIR     0xf20u /* version 2, where ISPENDR has no SGIs */

static struct {
    uint64_t ctlr, word[PRIVATE_WORDS], sgis[4];
} distributor;

static void access_distributor(struct vm *vm, bool write)
{
    bool v3 = machine->gic.version == 3;
    uint64_t frame = v3 ? GICR + 0x10000 : GICD;

    CHECK(vcpu_device_access(vm->vcpu, vcpu_ipa(GICD), 4, write, &distributor.ctlr));
    for (unsigned i = 0; i < PRIVATE_WORDS; i++)
        CHECK(vcpu_device_access(vm->vcpu, vcpu_ipa(frame + private_words[i]), 4, write,
                                 &distributor.word[i]));
    for (unsigned i = 0; i < 4 && !v3; i++)
        CHECK(vcpu_device_access(vm->vcpu, vcpu_ipa(GICD + SPENDSGIR + 4 * i), 4, write,
                                 &distributor.sgis[i]));
}

/* ---- A vCPU goes on as another ---- */

static struct vcpu_reg_value saved[MAX_REGS];
static size_t saved_count;

static void begin_guest(struct vm *vm)
{
    uint64_t *x = vm->vcpu->regs.x;

    testhost_enter_at(vm->vcpu, snapshot_guest);
    x[19] = RESULT_IPA;
    x[20] = (features()->sve ? 1u << USE_SVE : 0) | (guest_has_pauth(vm) ? 1u << USE_PAUTH : 0) |
            (features()->pmu ? 1u << USE_PMU : 0) | (features()->scxtnum ? 1u << USE_SCXTNUM : 0);
    x[21] = TEST_HOLE_IPA;
    x[22] = machine->gic.version == 2 ? GICC : 0;
    x[23] = timer_frequency() / 20;
    x[24] = ROUNDS;
}

static void run_to_device(struct vm *vm)
{
    int reason;

    do /* the host's writes to the distributor may have been left for an interrupt */
        reason = run(vm);
    while (reason == VCPU_EXIT_KICK);
    CHECK_EQ(reason, VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vm->vcpu->exit.ipa.value, TEST_HOLE_IPA);
}

static const uint64_t *results(const struct vm *vm)
{
    void *ram = testhost_ram(&vm->vm, RESULT_IPA);

    cache_invalidate(ram, STACK_TOP);
    return ram;
}

/* What the guest must find, be it the first or the second one. */
static void finish(struct vm *vm)
{
    const uint64_t *result;
    int reason;

    CHECK_EQ(vcpu_complete_mmio_read(vm->vcpu, DEVICE_SAYS), VCPU_OK);
    reason = run(vm);
    CHECK_EQ(reason, VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu_exit_imm(&vm->vcpu->exit), SAY_DONE);
    put();
    result = results(vm);
    for (unsigned intid = 0; intid < 32; intid++)
        CHECK_EQ(result[RESULT_TAKEN / 8 + intid], intid == SGI_PENDING ||
                                                       intid == VCPU_TIMER_VIRTUAL_PPI ||
                                                       intid == VCPU_TIMER_PHYSICAL_PPI);
    CHECK_EQ(result[RESULT_BREAKPOINTS / 8], 1);
    CHECK_EQ(result[RESULT_BROKE_AT / 8], testhost_ipa(stops_here));
    CHECK_EQ(result[RESULT_MMIO / 8], DEVICE_SAYS);
    CHECK_EQ(result[RESULT_POINTER / 8], testhost_ipa(snapshot_guest));
    if (features()->pmu)
        CHECK(result[RESULT_CYCLES / 8 + 1] > result[RESULT_CYCLES / 8]);
}

/* On the other CPU. The kick brings it there without an instruction of the guest's. */
static void go_on(void)
{
    uint64_t pc = testhost_reg(from.vcpu, VCPU_REG_PC);
    uint32_t refused = UINT32_MAX;

    CHECK_EQ(vcpu_restore(to.vcpu, saved, saved_count, &refused), VCPU_OK);
    CHECK_EQ(refused, UINT32_MAX);
    MUST(vcpu_kick(to.vcpu));
    CHECK_EQ(run(&to), VCPU_EXIT_KICK);
    access_distributor(&to, true);
    run_to_device(&to);
    CHECK_EQ(testhost_reg(to.vcpu, VCPU_REG_PC), pc);
    CHECK_EQ(testhost_reg(to.vcpu, CLAIMCLR), 0x5a);
    finish(&to);
}

static void goes_on_as_another(void)
{
    make_vm(&from, ISAR0, 0);
    make_vm(&to, ISAR0, 0);
    begin_guest(&from);
    /* Not every CPU of QEMU's has the claim tags. */
    CHECK_EQ(vcpu_set_reg(from.vcpu, CLAIMCLR, 0x5a), VCPU_OK);
    run_to_device(&from);
    access_distributor(&from, false);
    /* Of the two SGIs one is active and one is pending. */
    CHECK_EQ(distributor.word[PRIVATE_WORDS - 2], 1u << SGI_ACTIVE);
    CHECK(distributor.word[PRIVATE_WORDS - 1] & 1u << SGI_PENDING);

    saved_count = MAX_REGS;
    CHECK_EQ(vcpu_save(from.vcpu, saved, &saved_count), VCPU_OK);
    cache_invalidate(testhost_ram(&from.vm, TEST_RAM_IPA), TEST_RAM_SIZE);
    memcpy(testhost_ram(&to.vm, TEST_RAM_IPA), testhost_ram(&from.vm, TEST_RAM_IPA), TEST_RAM_SIZE);
    cache_clean(testhost_ram(&to.vm, TEST_RAM_IPA), TEST_RAM_SIZE);
    testhost_on_other(go_on);
    /* The first one, with its exit open still. */
    finish(&from);
    CHECK(memcmp(results(&from), results(&to), RESULT_SIZE) == 0);
}

/* ---- What is refused ---- */

static uint32_t refused_id;

int restore(struct vcpu *vcpu)
{
    refused_id = UINT32_MAX;
    return vcpu_restore(vcpu, saved, saved_count, &refused_id);
}

static struct vcpu_reg_value before[MAX_REGS], after[MAX_REGS];

static void save_into(struct vcpu *vcpu, struct vcpu_reg_value *regs)
{
    size_t count = MAX_REGS;

    CHECK_EQ(vcpu_save(vcpu, regs, &count), VCPU_OK);
}

static bool is_unchanged(struct vcpu *vcpu)
{
    save_into(vcpu, after);
    for (size_t i = 0; i < saved_count; i++)
        if (before[i].id != after[i].id || before[i].value != after[i].value)
            return false;
    return true;
}

/* Each value with a wrong one at its end, or a register that there is not. */
static void all_or_nothing(void)
{
    struct vcpu_reg_value *last = &saved[saved_count];
    size_t room = saved_count - 1;

    testhost_enter_at(to.vcpu, idle_guest);
    save_into(to.vcpu, before);
    saved_count++;
    *last = (struct vcpu_reg_value){.id = VCPU_REG_PC, .value = 2};
    CHECK_EQ(restore(to.vcpu), VCPU_ERR_INVALID);
    CHECK_EQ(refused_id, VCPU_REG_PC);
    *last = (struct vcpu_reg_value){.id = VCPU_REG_PENDING + 1};
    CHECK_EQ(restore(to.vcpu), VCPU_ERR_NOT_FOUND);
    CHECK_EQ(refused_id, VCPU_REG_PENDING + 1);
    saved_count--;
    CHECK(is_unchanged(to.vcpu));
    CHECK_EQ(vcpu_save(to.vcpu, after, &room), VCPU_ERR_INVALID);
    CHECK_EQ(room, saved_count);
}

/* A VM whose guests were promised less. */
static void less_is_refused(void)
{
    struct vm lower;

    make_vm(&lower, ISAR0, 0xf0000); /* CRC32, which each of these CPUs has */
    testhost_enter_at(lower.vcpu, idle_guest);
    save_into(lower.vcpu, before);
    CHECK_EQ(restore(lower.vcpu), VCPU_ERR_INVALID);
    CHECK_EQ(refused_id, VCPU_REG_SYSREG + ISAR0);
    CHECK(is_unchanged(lower.vcpu));
    free_vm(&lower);
}

void host_main(const struct machine *m)
{
    machine = m;
    gic_find(machine);
    gic_init();
    irq_register(machine->gic.maintenance_intid, maintenance);
    irq_register_handover(machine->virtual_timer_intid, virtual_timer);
    init_cpu();
    if (!smp_start(other_cpu))
        test_fail("the other CPU does not start");

    test_begin("a vCPU goes on as one of another VM, on another CPU");
    goes_on_as_another();
    test_begin("all of it is taken, or nothing");
    all_or_nothing();
    test_begin("nothing is taken by a VM that promises its guests something else");
    less_is_refused();
    test_begin("the list has what the guest has, once");
    each_register();
    free_vm(&from);
    free_vm(&to);
    test_end();
}

/* SPDX-License-Identifier: MIT */
/*
 * A vCPU in the middle of a computation is read out on one CPU, written into a fresh one of another
 * VM on the other CPU, and runs on: with the same result as the first one. And each register by its
 * id, of a vCPU that is in no CPU, in this one, and in another.
 */
#include "snapshot.h"

#include <vcpu/device.h>
#include <vcpu/gic.h>
#include <vcpu/pmu.h>
#include <vcpu/reg.h>
#include <vcpu/timer.h>

#include "testhost.h"

#include "cache.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "string.h"

extern const char snapshot_guest[], idle_guest[], stops_here[];

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000) /* version 2 */
#define GICR UINT64_C(0x080a0000) /* version 3 */

#define RESULT_IPA  (TEST_RAM_IPA + 0x100000u)
#define DEVICE_SAYS UINT64_C(0x0123456789abcdef)
#define ROUNDS      100u
#define MAX_REGS    2048u

#define SYSREG(op0, op1, crn, crm, op2)                                                            \
    ((uint32_t)VCPU_REG_SYSREG + VCPU_SYSREG(op0, op1, crn, crm, op2))
#define CNTV_CTL  SYSREG(3, 3, 14, 3, 1)
#define CNTP_CTL  SYSREG(3, 3, 14, 2, 1)
#define AFSR0     SYSREG(3, 0, 5, 1, 0)
#define AFSR1     SYSREG(3, 0, 5, 1, 1)
#define AMAIR     SYSREG(3, 0, 10, 3, 0)
#define VBAR      SYSREG(3, 0, 12, 0, 0)
#define FPCR      SYSREG(3, 3, 4, 4, 0)
#define ICC_PMR   SYSREG(3, 0, 4, 6, 0)
#define ICC_BPR0  SYSREG(3, 0, 12, 8, 3)
#define ICC_AP0R0 SYSREG(3, 0, 12, 8, 4)
#define ICC_AP1R0 SYSREG(3, 0, 12, 9, 0)
#define ICC_BPR1  SYSREG(3, 0, 12, 12, 3)
#define CLAIMCLR  SYSREG(2, 0, 7, 9, 6)
#define OSLSR     SYSREG(2, 0, 1, 1, 4)
#define MDCCINT   SYSREG(2, 0, 0, 2, 0)
#define PMCCFILTR SYSREG(3, 3, 14, 15, 7)
#define ISAR0     VCPU_SYSREG(3, 0, 0, 6, 0)

static const struct machine *machine;

/* ---- The host: interrupts, and who is in each CPU ---- */

struct vm {
    struct test_vm vm;
    struct vcpu_gic *gic;
    struct vcpu_timer *timer;
    struct vcpu_pmu *pmu;
    struct vcpu *vcpu;
};

static struct vm *here[2];

static void virtual_timer(void)
{
    struct vm *vm = here[smp_this()->index];

    if (!vm || vcpu_timer_interrupt(vm->timer, vm->vcpu))
        gic_deactivate(machine->virtual_timer_intid);
}

static void maintenance(void)
{
    struct vm *vm = here[smp_this()->index];

    if (vm)
        MUST(vcpu_gic_maintenance(vm->gic, vm->vcpu));
}

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void set_ppi(void *ctx, struct vcpu *vcpu, uint32_t intid, bool level)
{
    MUST(vcpu_gic_set_ppi(((struct vm *)ctx)->gic, vcpu, intid, level));
}

static void init_cpu(void)
{
    testhost_enable(0);
    testhost_gic();
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
}

static void other_cpu(unsigned index)
{
    (void)index;
    init_cpu();
    testhost_serve();
}

static const struct vcpu_features *features(void)
{
    return vcpu_percpu_features(testhost_percpu(0));
}

static void must(int error, const char *what)
{
    if (error)
        exit_panic("%s: %s", what, vcpu_error_string(error));
}

static void put(void)
{
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
    here[smp_this()->index] = NULL;
}

/* To the next exit that is no interrupt; a vCPU that waits is given back when it has a reason. */
static int run(struct vm *vm)
{
    for (;;) {
        int reason;

        here[smp_this()->index] = vm;
        reason = testhost_run(vm->vcpu);
        if (reason == VCPU_EXIT_IRQ) {
            irq_handle();
        } else if (reason == VCPU_EXIT_WFI) {
            put();
            while (!vcpu_has_work(vm->vcpu))
                ;
            CHECK_EQ(vcpu_complete_skip(vm->vcpu), VCPU_OK);
        } else {
            if (reason == VCPU_EXIT_HYPERCALL && vcpu_exit_imm(&vm->vcpu->exit) == SAY_LOST)
                console_print("lost at 0x%lx, esr 0x%lx\n", vm->vcpu->regs.x[2],
                              vm->vcpu->regs.x[1]);
            return reason;
        }
    }
}

/* ---- VMs with everything that the CPU has ---- */

static void make_devices(struct vm *vm)
{
    const struct vcpu_gic_config gic = {
        .host = &testhost_hooks,
        .version = (uint8_t)machine->gic.version,
        .max_vcpus = 1,
        .distributor = vcpu_ipa(GICD),
        .redistributors = vcpu_ipa(GICR),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
    };
    const struct vcpu_timer_config timer = {.host = &testhost_hooks, .ctx = vm, .set_ppi = set_ppi};
    const struct vcpu_pmu_config pmu = {.host = &testhost_hooks, .ctx = vm, .set_ppi = set_ppi};

    must(vcpu_gic_create(vm->vm.vm, &gic, &vm->gic), "vcpu_gic_create");
    must(vcpu_gic_map_hw(vm->gic, VCPU_TIMER_VIRTUAL_PPI, (uint16_t)machine->virtual_timer_intid),
         "vcpu_gic_map_hw");
    must(vcpu_timer_create(vm->vm.vm, &timer, &vm->timer), "vcpu_timer_create");
    if (features()->pmu)
        must(vcpu_pmu_create(vm->vm.vm, &pmu, &vm->pmu), "vcpu_pmu_create");
    if (machine->gic.version == 2)
        must(vcpu_stage2_map(&vm->vm.s2, vcpu_ipa(GICC),
                             vcpu_pa(machine->gic.virtual_interface.base),
                             machine->gic.virtual_interface.size, VCPU_S2_RW | VCPU_S2_DEVICE),
             "vcpu_stage2_map");
}

/* One field of one register may be lowered, if `lower` has bits there. */
static void make_vm(struct vm *vm, uint32_t encoding, uint64_t lower)
{
    uint32_t flags = VCPU_VM_VIRTUAL_GIC | VCPU_VM_TRAP_WFI;

    *vm = (struct vm){0};
    flags |= features()->sve ? VCPU_VM_SVE : 0;
    flags |= features()->pmu ? VCPU_VM_PMU : 0;
    testhost_vm_with(&vm->vm, (struct vcpu_vm_config){.flags = flags, .max_vcpus = 1});
    must(vcpu_vm_set_id(vm->vm.vm, encoding, vcpu_vm_id(vm->vm.vm, encoding) & ~lower),
         "vcpu_vm_set_id");
    make_devices(vm);
    vm->vcpu = testhost_vcpu(&vm->vm, 0);
}

static void free_vm(struct vm *vm)
{
    put();
    testhost_vm_free(&vm->vm);
    if (vm->pmu)
        CHECK_EQ(vcpu_pmu_destroy(vm->pmu), VCPU_OK);
    CHECK_EQ(vcpu_timer_destroy(vm->timer), VCPU_OK);
    CHECK_EQ(vcpu_gic_destroy(vm->gic), VCPU_OK);
}

static bool guest_has_pauth(const struct vm *vm)
{
    return (vcpu_vm_id(vm->vm.vm, VCPU_SYSREG(3, 0, 0, 6, 1)) & 0xff0) ||
           (vcpu_vm_id(vm->vm.vm, VCPU_SYSREG(3, 0, 0, 6, 2)) & 0xf000);
}

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

static struct vm from, to;
static struct vcpu_reg_value saved[MAX_REGS];
static size_t saved_count;

static void begin_guest(struct vm *vm)
{
    uint64_t *x = vm->vcpu->regs.x;

    testhost_enter_at(vm->vcpu, snapshot_guest);
    x[19] = RESULT_IPA;
    x[20] = (features()->sve ? 1u << USE_SVE : 0) | (guest_has_pauth(vm) ? 1u << USE_PAUTH : 0) |
            (features()->pmu ? 1u << USE_PMU : 0);
    x[21] = TEST_HOLE_IPA;
    x[22] = machine->gic.version == 2 ? GICC : 0;
    x[23] = timer_frequency() / 20;
    x[24] = ROUNDS;
}

static void run_to_device(struct vm *vm)
{
    CHECK_EQ(run(vm), VCPU_EXIT_MMIO_READ);
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
static int restore(struct vcpu *vcpu)
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

/* ---- Each register ---- */

/* What a timer says of itself may change from one moment to the next. */
static uint64_t steady(uint32_t id, uint64_t value)
{
    return id == CNTV_CTL || id == CNTP_CTL ? value & 3 : value;
}

/* A bit that each CPU has in the register, if it is not 0. */
static unsigned free_bit(uint32_t id)
{
    switch (id) {
    case VCPU_REG_PC:
        return 2;
    case VCPU_REG_PENDING:
    case ICC_PMR:
        return 6;
    case VBAR:
        return 11;
    case OSLSR:
        return 1;
    case MDCCINT:
    case PMCCFILTR:
        return 30;
    case FPCR:
        return 22;
    default:
        return 0;
    }
}

/* What is in it while it is in the CPU: IMPLEMENTATION DEFINED, or, of BPR, no less than a minimum. */
static bool is_the_cpus(uint32_t id)
{
    return id == AFSR0 || id == AFSR1 || id == AMAIR || id == ICC_BPR0 || id == ICC_BPR1;
}

/* What has another value can be given it, and its own again; and nothing else has changed. */
static bool try_register(struct vcpu *vcpu, uint32_t id)
{
    uint64_t was = testhost_reg(vcpu, id), other = was ^ UINT64_C(1) << free_bit(id);
    int error = vcpu_set_reg(vcpu, id, other);

    CHECK(error == VCPU_OK || error == VCPU_ERR_INVALID);
    if (error)
        CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, was));
    else if (!is_the_cpus(id))
        CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, other));
    CHECK_EQ(vcpu_set_reg(vcpu, id, was), VCPU_OK);
    CHECK_EQ(steady(id, testhost_reg(vcpu, id)), steady(id, was));
    return !error;
}

static uint32_t ids[MAX_REGS];
static size_t id_count;

static bool is_listed(uint32_t id)
{
    unsigned count = 0;

    for (size_t i = 0; i < id_count; i++)
        count += ids[i] == id;
    CHECK(count <= 1);
    return count;
}

/* Those that only say what there is. */
static bool is_fixed(uint32_t id)
{
    static const uint32_t others[] = {
        SYSREG(3, 1, 0, 0, 1),  SYSREG(3, 3, 0, 0, 1),
        SYSREG(3, 3, 0, 0, 7),                           /* CLIDR CTR DCZID */
        SYSREG(3, 3, 14, 0, 0), SYSREG(3, 0, 12, 12, 5), /* CNTFRQ, ICC_SRE */
        SYSREG(3, 3, 9, 12, 6), SYSREG(3, 3, 9, 12, 7),  /* PMCEID<n>_EL0 */
    };

    /* MIDR_EL1, MPIDR_EL1, and the identification registers; CCSIDR_EL1 for each CSSELR_EL1. */
    if ((id >= SYSREG(3, 0, 0, 0, 0) && id <= SYSREG(3, 0, 0, 7, 7)) ||
        (id < VCPU_REG_V0 && id % 0x10000 == VCPU_SYSREG(3, 1, 0, 0, 0)))
        return true;
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i] == id)
            return true;
    return false;
}

static void try_each(struct vcpu *vcpu)
{
    for (size_t i = 0; i < id_count; i++) {
        if (try_register(vcpu, ids[i]) == is_fixed(ids[i])) {
            console_print("id 0x%x\n", ids[i]);
            test_fail("can be written, and should not, or the other way round");
        }
    }
}

static void list_is_complete(struct vcpu *vcpu)
{
    const struct vcpu_features *has = features();
    unsigned gprs = 0;

    id_count = vcpu_list_regs(vcpu, NULL, 0);
    CHECK(id_count < MAX_REGS);
    CHECK_EQ(vcpu_list_regs(vcpu, ids, MAX_REGS), id_count);
    for (unsigned n = 0; n < 31; n++)
        gprs += is_listed(VCPU_REG_X0 + n);
    CHECK_EQ(gprs, 31);
    CHECK(is_listed(VCPU_REG_V(31, 1)) == (has->fp && !has->sve));
    CHECK(is_listed(VCPU_REG_Z(31, 1)) == has->sve);
    CHECK(is_listed(VCPU_REG_FFR(0)) == has->sve);
    CHECK(is_listed(SYSREG(3, 3, 9, 12, 0)) == has->pmu);            /* PMCR_EL0 */
    CHECK(is_listed(SYSREG(3, 4, 5, 2, 3)) == has->ras);             /* VSESR_EL2 */
    CHECK(is_listed(SYSREG(3, 0, 2, 1, 0)) == guest_has_pauth(&to)); /* APIAKeyLo_EL1 */
    CHECK(is_listed(ICC_AP1R0) == (machine->gic.version == 3));
    CHECK(is_listed(ICC_AP0R0) && is_listed(ICC_PMR));
    CHECK(is_listed(CNTP_CTL) && is_listed(CNTV_CTL));
    CHECK(is_listed(SYSREG(2, 0, 0, 1, 5)) && is_listed(SYSREG(2, 0, 1, 1, 4)));
}

static void try_elsewhere(void)
{
    size_t count = MAX_REGS;

    for (size_t i = 0; i < id_count; i++) {
        uint64_t value = 0x5a;

        CHECK_EQ(vcpu_get_reg(to.vcpu, ids[i], &value), VCPU_ERR_BUSY);
        CHECK_EQ(value, 0x5a);
        CHECK_EQ(vcpu_set_reg(to.vcpu, ids[i], value), VCPU_ERR_BUSY);
    }
    CHECK_EQ(vcpu_save(to.vcpu, after, &count), VCPU_ERR_BUSY);
    CHECK_EQ(restore(to.vcpu), VCPU_ERR_BUSY);
    CHECK_EQ(vcpu_list_regs(to.vcpu, NULL, 0), id_count);
}

static void each_register(void)
{
    list_is_complete(to.vcpu);
    CHECK_EQ(restore(to.vcpu), VCPU_OK);
    test_begin("each register of a vCPU that is in no CPU");
    try_each(to.vcpu);

    /* Without what interrupts it at once. */
    test_begin("and of one that is in this CPU, and stays there");
    CHECK_EQ(vcpu_reset(to.vcpu, false), VCPU_OK);
    testhost_enter_at(to.vcpu, idle_guest);
    CHECK_EQ(run(&to), VCPU_EXIT_HYPERCALL);
    try_each(to.vcpu);
    CHECK_EQ(run(&to), VCPU_EXIT_HYPERCALL);
    test_begin("but not of one that is in another CPU");
    testhost_on_other(try_elsewhere);
    CHECK_EQ(vcpu_put(testhost_percpu(0), to.vcpu), VCPU_OK);
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

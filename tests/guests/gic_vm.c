/* SPDX-License-Identifier: MIT */
#include "gic_vm.h"

#include <stdatomic.h>

#include "arch.h"
#include "exit.h"
#include "gic.h"
#include "irq.h"
#include "string.h"

extern const char read_8[], read_16[], read_32[], read_64[], read_isr[];
extern const char write_8[], write_16[], write_32[], write_64[];

#define GICC_CTLR  0x0000u
#define GICC_PMR   0x0004u
#define GICC_BPR   0x0008u
#define GICC_IAR   0x000cu
#define GICC_EOIR  0x0010u
#define GICC_RPR   0x0014u
#define GICC_DIR   0x1000u
#define CTLR_GRP0  0x1u
#define V2_EOIMODE 0x200u
#define V3_EOIMODE 0x2u
#define ISR_I      0x80u

struct gic_vm gic_vm;

static const struct machine *machine;

/* The vCPU that is in each CPU, for the handlers there. */
static struct vcpu *current[PLATFORM_MAX_CPUS];

/* ---- The other CPUs ---- */

static struct {
    void (*_Atomic todo)(void *); /* what it is to do; NULL: it has done it */
    void *arg;
} job[PLATFORM_MAX_CPUS];

static atomic_uint maintenances;

/* Not by itself: the library answers it on the way out of the guest, and no host takes it before. */
static void maintenance(void)
{
    maintenances++;
    if (gic_vm.gic && current[smp_this()->index])
        MUST(vcpu_gic_maintenance(gic_vm.gic, current[smp_this()->index]));
}

static void virtual_timer(void)
{
    uint32_t intid = machine->virtual_timer_intid;

    if (vcpu_gic_set_ppi(gic_vm.gic, current[smp_this()->index], intid, true))
        test_fail("a timer of no guest");
}

static void init_cpu(void)
{
    testhost_enable(VCPU_PERCPU_HOST_CNTPCT);
    testhost_gic();
    gic_enable(machine->gic.maintenance_intid);
    gic_enable(machine->virtual_timer_intid);
}

static void other_cpu(unsigned index)
{
    init_cpu();
    for (;;) {
        void (*todo)(void *) = job[index].todo;

        if (todo) {
            todo(job[index].arg);
            job[index].todo = NULL;
            arch_sev();
        } else {
            arch_wfe();
        }
    }
}

void gic_vm_begin_on_cpu(unsigned cpu, void (*todo)(void *), void *arg)
{
    job[cpu].arg = arg;
    job[cpu].todo = todo;
    arch_sev();
}

void gic_vm_wait(unsigned cpu)
{
    while (job[cpu].todo)
        arch_wfe();
}

void gic_vm_on_cpu(unsigned cpu, void (*todo)(void *), void *arg)
{
    if (cpu == smp_this()->index) {
        todo(arg);
        return;
    }
    gic_vm_begin_on_cpu(cpu, todo, arg);
    gic_vm_wait(cpu);
}

void gic_vm_host(const struct machine *m)
{
    machine = m;
    gic_find(machine);
    gic_init();
    irq_register(machine->gic.maintenance_intid, maintenance);
    irq_register_handover(machine->virtual_timer_intid, virtual_timer);
    init_cpu();
    if (smp_count() > 1 && !smp_start(other_cpu))
        exit_panic("the other CPUs do not start");
}

/* ---- The VM ---- */

static void set_active(void *ctx, uint16_t physical, bool active)
{
    (void)ctx;
    gic_set_active(physical, active);
}

static void check_call(int error, const char *what)
{
    if (error)
        exit_panic("%s: %s", what, vcpu_error_string(error));
}

void gic_vm_start(const struct gic_vm_config *config)
{
    const struct vcpu_gic_config gic = {
        .host = &testhost_hooks,
        .version = (uint8_t)machine->gic.version,
        .spis = (uint16_t)config->spis,
        .max_vcpus = (uint16_t)config->vcpus,
        .distributor = vcpu_ipa(GICD),
        .redistributors = vcpu_ipa(GICR),
        .gich = (volatile void *)machine->gic.hypervisor.base,
        .set_active = set_active,
        .cpu_interface = vcpu_ipa(config->told ? GICC : 0),
    };

    memset(&gic_vm, 0, sizeof(gic_vm));
    gic_vm.version = machine->gic.version;
    gic_vm.vcpus = config->vcpus;
    testhost_vm_with(&gic_vm.vm,
                     (struct vcpu_vm_config){.flags = VCPU_VM_VIRTUAL_GIC | config->flags,
                                             .max_vcpus = (uint16_t)config->vcpus});
    check_call(vcpu_gic_create(gic_vm.vm.vm, &gic, &gic_vm.gic), "vcpu_gic_create");
    if (config->shares)
        check_call(vcpu_gic_share(gic_vm.gic), "vcpu_gic_share");
    if (config->timer)
        check_call(vcpu_gic_map_hw(gic_vm.gic, 27, (uint16_t)machine->virtual_timer_intid),
                   "vcpu_gic_map_hw");
    if (gic_vm.version == 2)
        check_call(vcpu_stage2_map(&gic_vm.vm.s2, vcpu_ipa(GICC),
                                   vcpu_pa(machine->gic.virtual_interface.base),
                                   config->told ? 0x1000 : machine->gic.virtual_interface.size,
                                   VCPU_S2_RW | VCPU_S2_DEVICE),
                   "vcpu_stage2_map");
    if (config->attach)
        config->attach();
    for (unsigned v = 0; v < config->vcpus; v++) {
        const struct vcpu_config vcpu = {.index = (uint16_t)v,
                                         .mpidr = config->mpidr ? config->mpidr(v) : v};

        check_call(vcpu_create(gic_vm.vm.vm, &vcpu, &gic_vm.vcpu[v]), "vcpu_create");
        check_call(vcpu_set_ept_root(gic_vm.vcpu[v], vcpu_stage2_root(&gic_vm.vm.s2)),
                   "vcpu_set_ept_root");
        gic_vm.place[v] = v % smp_count();
    }
}

static void put_resident(void *arg)
{
    (void)arg;
    MUST(vcpu_percpu_put(testhost_percpu(smp_this()->index)));
    current[smp_this()->index] = NULL;
}

void gic_vm_put_all(void)
{
    for (unsigned cpu = 0; cpu < smp_count(); cpu++)
        gic_vm_on_cpu(cpu, put_resident, NULL);
}

void gic_vm_stop(void)
{
    gic_vm_put_all();
    CHECK_EQ(maintenances, 0);
    testhost_vm_free(&gic_vm.vm);
    CHECK_EQ(vcpu_gic_destroy(gic_vm.gic), VCPU_OK);
}

void gic_vm_open(const struct gic_vm_config *config)
{
    gic_vm_start(config);
    for (unsigned v = 0; v < gic_vm.vcpus; v++) {
        uint64_t own = guest_frame(v, 0);

        if (gic_vm.version == 3)
            guest_write(v, own + 0x80, 4, 0xffffffff);
        guest_write(v, own + ISENABLER, 4, 0xffffffff);
        for (unsigned i = 0; i < 32; i += 4)
            guest_write(v, own + 0x400 + i, 4, 0x80808080);
        guest_set_pmr(v, 0xff);
        if (gic_vm.version == 3) {
            ICC_WRITE(v, igrpen1, 1);
        } else {
            guest_write(v, GICC + GICC_CTLR, 4, CTLR_GRP0);
        }
    }
    for (unsigned i = 32; i < 32 + config->spis; i += 4) {
        guest_write(0, GICD + 0x400 + i, 4, 0x80808080);
        if (gic_vm.version == 2)
            guest_write(0, GICD + 0x800 + i, 4, 0x01010101);
    }
    for (unsigned n = 1; n <= (config->spis + 31) / 32; n++) {
        if (gic_vm.version == 3)
            guest_write(0, GICD + 0x80 + 4 * n, 4, 0xffffffff);
        guest_write(0, GICD + ISENABLER + 4 * n, 4, 0xffffffff);
    }
    guest_write(0, GICD, 4, gic_vm.version == 3 ? 2 : 1);
}

static void put_it(void *vcpu)
{
    unsigned cpu = smp_this()->index;

    /* It may have left already, for another. */
    if (current[cpu] == vcpu) {
        CHECK_EQ(vcpu_put(testhost_percpu(cpu), vcpu), VCPU_OK);
        current[cpu] = NULL;
    }
}

void gic_vm_put(unsigned v)
{
    gic_vm_on_cpu(gic_vm.place[v], put_it, gic_vm.vcpu[v]);
}

void gic_vm_move(unsigned v, unsigned cpu)
{
    gic_vm_put(v);
    gic_vm.place[v] = cpu;
}

/* ---- What a guest does ---- */

int gic_vm_run(struct vcpu *vcpu)
{
    int reason;

    current[smp_this()->index] = vcpu;
    reason = testhost_run(vcpu);
    if (reason == VCPU_EXIT_IRQ || reason == VCPU_EXIT_KICK)
        irq_handle();
    return reason;
}

void gic_vm_run_to_call(struct vcpu *vcpu)
{
    for (;;) {
        int reason = gic_vm_run(vcpu);

        if (reason == VCPU_EXIT_HYPERCALL)
            return;
        if (reason != VCPU_EXIT_IRQ && reason != VCPU_EXIT_KICK) {
            console_print("%s, esr 0x%lx at 0x%lx, far 0x%lx\n",
                          vcpu_exit_name(reason > 0 ? reason : 0), vcpu->exit.esr_el2,
                          vcpu->regs.pc, vcpu->exit.far_el2);
            test_fail("an exit that the guest should not make");
            test_end();
        }
    }
}

struct step {
    struct vcpu *vcpu;
    const char *snippet;
    uint64_t x0, x1;
};

static void do_step(void *arg)
{
    struct step *step = arg;

    testhost_enter_at(step->vcpu, step->snippet);
    step->vcpu->regs.x[0] = step->x0;
    step->vcpu->regs.x[1] = step->x1;
    gic_vm_run_to_call(step->vcpu);
    step->x1 = step->vcpu->regs.x[1];
}

uint64_t guest_do(unsigned v, const char *snippet, uint64_t x0, uint64_t x1)
{
    struct step step = {.vcpu = gic_vm.vcpu[v], .snippet = snippet, .x0 = x0, .x1 = x1};

    gic_vm_on_cpu(gic_vm.place[v], do_step, &step);
    return step.x1;
}

uint64_t guest_read(unsigned v, uint64_t address, unsigned size)
{
    return guest_do(v,
                    size == 1   ? read_8
                    : size == 2 ? read_16
                    : size == 4 ? read_32
                                : read_64,
                    address, 0);
}

void guest_write(unsigned v, uint64_t address, unsigned size, uint64_t value)
{
    guest_do(v,
             size == 1   ? write_8
             : size == 2 ? write_16
             : size == 4 ? write_32
                         : write_64,
             address, value);
}

uint32_t guest_ack(unsigned v)
{
    return (uint32_t)(gic_vm.version == 3 ? ICC_READ(v, iar1) : guest_read(v, GICC + GICC_IAR, 4));
}

void guest_eoi(unsigned v, uint32_t iar)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, eoir1, iar);
    else
        guest_write(v, GICC + GICC_EOIR, 4, iar);
}

void guest_dir(unsigned v, uint32_t iar)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, dir, iar);
    else
        guest_write(v, GICC + GICC_DIR, 4, iar);
}

void guest_set_pmr(unsigned v, unsigned priority)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, pmr, priority);
    else
        guest_write(v, GICC + GICC_PMR, 4, priority);
}

void guest_set_bpr(unsigned v, unsigned value)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, bpr1, value);
    else
        guest_write(v, GICC + GICC_BPR, 4, value);
}

void guest_set_eoimode(unsigned v, bool eoimode)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, ctlr, eoimode ? V3_EOIMODE : 0);
    else
        guest_write(v, GICC + GICC_CTLR, 4, CTLR_GRP0 | (eoimode ? V2_EOIMODE : 0));
}

unsigned guest_running_priority(unsigned v)
{
    return (unsigned)(gic_vm.version == 3 ? ICC_READ(v, rpr) : guest_read(v, GICC + GICC_RPR, 4));
}

bool guest_is_signalled(unsigned v)
{
    return guest_do(v, read_isr, 0, 0) & ISR_I;
}

uint32_t guest_handle(unsigned v)
{
    uint32_t iar = guest_ack(v);

    if (iar != SPURIOUS)
        guest_eoi(v, iar);
    return iar;
}

uint64_t guest_frame(unsigned v, uint32_t intid)
{
    return gic_vm.version == 3 && intid < 32 ? GICR_SGI(v) : GICD;
}

bool guest_bit(unsigned v, uint32_t array, uint32_t intid)
{
    return guest_read(v, guest_frame(v, intid) + array + intid / 32 * 4, 4) >> intid % 32 & 1;
}

void guest_set_bit(unsigned v, uint32_t array, uint32_t intid)
{
    guest_write(v, guest_frame(v, intid) + array + intid / 32 * 4, 4, UINT32_C(1) << intid % 32);
}

void guest_set_priority(unsigned v, uint32_t intid, unsigned priority)
{
    guest_write(v, guest_frame(v, intid) + 0x400 + intid, 1, priority);
}

void guest_set_edge(unsigned v, uint32_t intid, bool edge)
{
    uint64_t address = guest_frame(v, intid) + 0xc00 + intid / 16 * 4;
    uint32_t bit = UINT32_C(2) << 2 * (intid % 16);
    uint64_t value = guest_read(v, address, 4);

    guest_write(v, address, 4, edge ? value | bit : value & ~(uint64_t)bit);
}

void guest_route(unsigned v, uint32_t intid, unsigned to)
{
    if (gic_vm.version == 3)
        guest_write(v, GICD + 0x6000 + 8 * intid, 8, vcpu_mpidr(gic_vm.vcpu[to]));
    else
        guest_write(v, GICD + 0x800 + intid, 1, 1u << to);
}

void guest_send(unsigned v, unsigned sgi, unsigned targets)
{
    if (gic_vm.version == 3)
        ICC_WRITE(v, sgi1r, (uint64_t)sgi << 24 | targets);
    else
        guest_write(v, GICD + 0xf00, 4, targets << 16 | sgi);
}

void line(unsigned v, uint32_t intid, bool level)
{
    CHECK_EQ(intid < 32 ? vcpu_gic_set_ppi(gic_vm.gic, gic_vm.vcpu[v], intid, level)
                        : vcpu_gic_set_line(gic_vm.gic, intid, level),
             VCPU_OK);
}

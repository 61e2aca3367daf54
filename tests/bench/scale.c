/* SPDX-License-Identifier: MIT */
/*
 * What an operation costs does not depend on how many VMs and vCPUs exist, nor on how much is mapped:
 * flat within 2 %. And what it costs to make and end them.
 */
#include "bench.h"
#include "vm.h"

#define KIB(n) ((uint64_t)(n) << 10)
#define GIB(n) ((uint64_t)(n) << 30)

/* ---- Flat ---- */

static const struct {
    const char *name;
    uint64_t (*cost)(void);
} rows[] = {
    {"hypercall", bench_cost_of_hypercall},
    {"MMIO read", bench_cost_of_mmio},
    {"distributor read: TYPER", bench_cost_of_read},
    {"SGI to itself", bench_cost_of_self},
    {"virtual timer already due", bench_cost_of_timer},
    {"SGI to a vCPU on another CPU", bench_cost_of_other},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static uint64_t alone[ROWS];

static void all_rows(const char *with)
{
    uint64_t cost[ROWS];

    for (unsigned i = 0; i < ROWS; i++)
        cost[i] = rows[i].cost();
    test_begin(with);
    console_print("%-40s", with);
    for (unsigned i = 0; i < ROWS; i++)
        console_print(" %5lu", cost[i]);
    console_print(" instructions\n");
    for (unsigned i = 0; i < ROWS; i++) {
        CHECK(cost[i] * 100 <= alone[i] * 102);
        CHECK(cost[i] * 102 >= alone[i] * 100);
    }
}

/* Other VMs, with as many vCPUs as there can be. The first vCPU has been in the CPU. */
#define VMS   64u
#define VCPUS VCPU_VM_MAX_VCPUS

extern const char bench_nothing[];

static struct test_vm crowd[VMS - 1];

static void join(struct test_vm *t)
{
    testhost_vm_with(t, (struct vcpu_vm_config){.max_vcpus = VCPUS});
    for (uint16_t v = 0; v < VCPUS; v++)
        testhost_vcpu(t, v);
    testhost_enter_at(vcpu_vm_vcpu(t->vm, 0), bench_nothing);
    CHECK_EQ(testhost_run(vcpu_vm_vcpu(t->vm, 0)), VCPU_EXIT_SYSTEM_OFF);
}

static void leave(struct test_vm *t)
{
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    for (unsigned v = 0; v < VCPUS; v++)
        MUST(vcpu_destroy(vcpu_vm_vcpu(t->vm, v)));
    testhost_vm_free(t);
}

static void flat(void)
{
    const unsigned many = bench_vm.v3 ? VCPUS : VCPU_GIC_V2_MAX_VCPUS;

    for (unsigned i = 0; i < ROWS; i++) {
        alone[i] = rows[i].cost();
        console_print("%s: %lu instructions alone\n", rows[i].name, alone[i]);
    }
    bench_vm.mapped = KIB(64);
    all_rows("64 KiB mapped");
    bench_vm.mapped = GIB(1);
    bench_vm.misfit = 0x200000;
    all_rows("1 GiB mapped in blocks of 2 MiB");
    bench_vm.mapped = GIB(512);
    bench_vm.misfit = 0;
    all_rows("512 GiB mapped in blocks of 1 GiB");
    bench_vm.mapped = 0;

    bench_vm.vcpus = 8;
    all_rows("8 vCPUs");
    bench_vm.vcpus = many;
    all_rows("as many vCPUs as there can be");
    bench_vm.vcpus = 0;

    for (unsigned i = 0; i < VMS - 1; i++) {
        join(&crowd[i]);
        if (i + 2 == 8)
            all_rows("8 VMs");
    }
    all_rows("64 VMs");
    bench_vm.vcpus = many;
    all_rows("64 VMs, as many vCPUs as there can be");
    bench_vm.vcpus = 0;
    for (unsigned i = 0; i < VMS - 1; i++)
        leave(&crowd[i]);
}

/* ---- Making and ending ---- */

static uint64_t start;

/* Some are long: they are counted once, in ticks of 16 instructions. */
static void begin(void)
{
    start = timer_now();
}

static void end(const char *name, uint64_t budget)
{
    uint64_t count = bench_all_instructions(timer_now() - start);

    test_begin(name);
    console_print("%-40s %8lu instructions, budget %lu\n", name, count, budget);
    CHECK(count <= budget);
    CHECK(count > 40);
}

static void vms(void)
{
    const struct vcpu_vm_config config = {
        .host = &testhost_hooks, .vmid = 1, .max_vcpus = VCPU_VM_MAX_VCPUS};
    struct vcpu_vm *vm;
    struct vcpu *vcpu[VCPU_VM_MAX_VCPUS];

    begin();
    MUST(vcpu_vm_create(testhost_percpu(0), &config, &vm));
    end("vcpu_vm_create", BUDGET(24000)); /* all ID registers are worked out */
    for (uint16_t v = 0; v < VCPU_VM_MAX_VCPUS; v++) {
        const struct vcpu_config its = {.index = v, .mpidr = v};

        if (v == 0 || v == VCPU_VM_MAX_VCPUS - 1)
            begin();
        MUST(vcpu_create(vm, &its, &vcpu[v]));
        if (v == 0)
            end("vcpu_create", BUDGET(3200)); /* a page is cleared */
    }
    end("vcpu_create, the 256th", BUDGET(4000));
    for (unsigned v = 0; v < VCPU_VM_MAX_VCPUS; v++) {
        begin();
        MUST(vcpu_destroy(vcpu[v]));
    }
    end("vcpu_destroy", BUDGET(220));
    begin();
    MUST(vcpu_vm_destroy(vm));
    end("vcpu_vm_destroy", BUDGET(340));
}

/* pa: of which alignment it is decides what the largest block is. */
static void map(const char *map_name, uint64_t pa, uint64_t budget, const char *destroy_name,
                uint64_t destroy_budget)
{
    const struct vcpu_features *has = vcpu_percpu_features(testhost_percpu(0));
    struct vcpu_stage2 s2;

    MUST(vcpu_stage2_create(&s2, &testhost_hooks, 40, has->pa_bits, has->vmid_bits, 1));
    begin();
    MUST(vcpu_stage2_map(&s2, vcpu_ipa(GIB(1)), vcpu_pa(pa), GIB(1), VCPU_S2_RWX));
    end(map_name, budget);
    begin();
    MUST(vcpu_stage2_destroy(&s2));
    end(destroy_name, destroy_budget);
}

void bench_scale(void)
{
    flat();
    vms();
    map("stage2_map of 1 GiB, blocks of 1 GiB", GIB(2), BUDGET(800),
        "stage2_destroy, blocks of 1 GiB", BUDGET(130000));
    map("stage2_map of 1 GiB, blocks of 2 MiB", GIB(2) + 0x200000, BUDGET(105000),
        "stage2_destroy, blocks of 2 MiB", BUDGET(212000));
    map("stage2_map of 1 GiB, pages", GIB(2) + 0x1000, BUDGET(2400000), "stage2_destroy, pages",
        BUDGET(42000000));
}

/* SPDX-License-Identifier: MIT */
/*
 * What memory is for a guest: the types of stage 2, as the CPU itself combines them with stage 1, and
 * who may execute it; with and without FEAT_S2FWB and FEAT_XNX. And its caches.
 */
#include "testhost.h"

#include <vcpu/cache.h>

#include "arch.h"

#define PAGE UINT64_C(0x1000)
/* Above RAM: a page that each test maps anew. Its memory is no other page's of the guest. */
#define IPA UINT64_C(0x50000000)

#define HCR_DC UINT64_C(0x1000) /* with the MMU off, stage 1 is Normal Write-Back */

/* PAR_EL1: F, SH, ATTR (as in MAIR_EL1) */
#define PAR_F(par)    (1 & (par))
#define PAR_SH(par)   ((par) >> 7 & 3)
#define PAR_ATTR(par) ((par) >> 56)

static struct vcpu_percpu *cpu;
static struct test_vm vm;
static struct vcpu *vcpu;
static uint32_t *page; /* the host's view */

static void begin(uint32_t flags)
{
    testhost_vm(&vm, flags);
    vcpu = testhost_vcpu(&vm, 0);
    page = (uint32_t *)memory_alloc(1, PAGE);
    page[0] = 0xd4000002; /* hvc #0 */
    page[1] = 0xb9400001; /* ldr w1, [x0] */
    MUST(vcpu_cache_clean(page, PAGE, false));
    vcpu_cache_drop_code();
}

static void end(void)
{
    testhost_vm_free(&vm);
    memory_free((uintptr_t)page, 1);
}

static int run_at(uint64_t pc, uint64_t pstate)
{
    MUST(vcpu_set_entry(vcpu, vcpu_ipa(pc)));
    vcpu->regs.pstate = pstate;
    vcpu->regs.x[0] = TEST_HOLE_IPA;
    return testhost_run(vcpu);
}

#define EL1H 0x3c5
#define EL0T 0x3c0

static void map(uint32_t flags)
{
    MUST(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(IPA), PAGE));
    MUST(vcpu_stage2_map(&vm.s2, vcpu_ipa(IPA), vcpu_pa((uintptr_t)page), PAGE, flags));
}

/* What the CPU finds for the page, of the resident vCPU, whose MMU is off. */
static uint64_t translate(uint64_t hcr_bits)
{
    const uint64_t hcr = arch_read(hcr_el2), daif = arch_read(daif);
    uint64_t par;

    __asm__ volatile("msr daifset, #0xf" ::: "memory");
    arch_write(hcr_el2, (hcr & ~ARCH_HCR_TGE) | hcr_bits);
    arch_isb();
    __asm__ volatile("at s12e1r, %0\n\tisb" ::"r"(IPA) : "memory");
    par = arch_read(par_el1);
    arch_write(hcr_el2, hcr);
    arch_isb();
    arch_write(daif, daif);
    return par;
}

/* ATTR of Normal Write-Back, Normal Non-cacheable, Device-nGnRE and Device-nGnRnE memory. */
#define WB     0xff
#define NC     0x44
#define nGnRE  0x04
#define nGnRnE 0x00

static const struct {
    uint32_t flags;
    uint8_t cached, uncached, uncached_fwb; /* where stage 1 is Write-Back, or Device-nGnRnE */
} types[] = {
    {0, WB, nGnRnE, WB},
    {VCPU_S2_OUTER_SHAREABLE, WB, nGnRnE, WB},
    {VCPU_S2_NONCACHEABLE, NC, nGnRnE, nGnRnE},
    {VCPU_S2_DEVICE, nGnRE, nGnRnE, nGnRE}, /* with FWB stage 2 alone decides */
    {VCPU_S2_DEVICE_nGnRnE, nGnRnE, nGnRnE, nGnRnE},
};

static void each_type(uint32_t vm_flags)
{
    begin(vm_flags);
    CHECK_EQ(vcpu_vm_stage2_features(vm.vm), vm_flags ? VCPU_S2_HAS_FWB : 0);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        uint64_t par;

        map(types[i].flags | VCPU_S2_RW);
        CHECK_EQ(run_at(TEST_RAM_IPA, EL1H), VCPU_EXIT_HYPERCALL); /* now it is resident */
        par = translate(HCR_DC);
        CHECK(!PAR_F(par));
        CHECK_EQ(PAR_ATTR(par), types[i].cached);
        if (types[i].cached == WB)
            CHECK_EQ(PAR_SH(par), types[i].flags ? 2 : 3); /* Outer, Inner */
        par = translate(0);
        CHECK(!PAR_F(par));
        CHECK_EQ(PAR_ATTR(par), vm_flags ? types[i].uncached_fwb : types[i].uncached);
    }
    end();
}

static void forced_write_back(void)
{
    struct vcpu_features *has = (struct vcpu_features *)(uintptr_t)vcpu_percpu_features(cpu);
    const struct vcpu_vm_config config = {
        .host = &testhost_hooks, .vmid = 200, .max_vcpus = 1, .flags = VCPU_VM_STAGE2_FWB};
    struct vcpu_vm *refused;

    if (!has->s2fwb) {
        test_begin("no VM with FEAT_S2FWB on a CPU without");
        CHECK_EQ(vcpu_vm_create(cpu, &config, &refused), VCPU_ERR_UNSUPPORTED);
        return;
    }
    test_begin("with FEAT_S2FWB Write-Back stays so for a guest with its caches off");
    each_type(VCPU_VM_STAGE2_FWB);
    test_begin("a VM with FEAT_S2FWB does not run on a CPU without");
    begin(VCPU_VM_STAGE2_FWB);
    MUST(vcpu_set_entry(vcpu, vcpu_ipa(TEST_RAM_IPA)));
    has->s2fwb = false; /* as enable would find on another CPU */
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_UNSUPPORTED);
    has->s2fwb = true;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    end();
}

static void execution_at_one_level(void)
{
    struct vcpu_features *has = (struct vcpu_features *)(uintptr_t)vcpu_percpu_features(cpu);
    const struct vcpu_vm_config config = {
        .host = &testhost_hooks, .vmid = 200, .max_vcpus = 1, .flags = VCPU_VM_STAGE2_XNX};
    struct vcpu_vm *refused;

    if (!has->xnx) {
        test_begin("no VM with FEAT_XNX on a CPU without");
        CHECK_EQ(vcpu_vm_create(cpu, &config, &refused), VCPU_ERR_UNSUPPORTED);
        return;
    }
    begin(VCPU_VM_STAGE2_XNX);
    test_begin("a page that EL1 alone may execute");
    map(VCPU_S2_RW | VCPU_S2_EXECUTE_EL1);
    CHECK_EQ(run_at(IPA, EL1H), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(run_at(IPA + 4, EL0T), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    test_begin("a page that EL0 alone may execute");
    map(VCPU_S2_RW | VCPU_S2_EXECUTE_EL0);
    CHECK_EQ(run_at(IPA + 4, EL0T), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA);
    CHECK_EQ(run_at(IPA, EL1H), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    test_begin("a VM with FEAT_XNX does not run on a CPU without");
    MUST(vcpu_percpu_put(cpu));
    has->xnx = false;
    CHECK_EQ(testhost_run(vcpu), VCPU_ERR_UNSUPPORTED);
    has->xnx = true;
    end();
}

static void set_and_way(void)
{
    static const struct {
        uint32_t word, encoding;
    } operations[] = {
        {0xd5087640, VCPU_SYSREG(1, 0, 7, 6, 2)},  /* dc isw, x0 */
        {0xd5087a40, VCPU_SYSREG(1, 0, 7, 10, 2)}, /* dc csw, x0 */
        {0xd5087e40, VCPU_SYSREG(1, 0, 7, 14, 2)}, /* dc cisw, x0 */
    };

    for (unsigned trapped = 0; trapped < 2; trapped++) {
        test_begin(trapped ? "maintenance by set and way is an exit for a VM that wants it"
                           : "maintenance by set and way is no exit");
        begin(trapped ? VCPU_VM_TRAP_SET_WAY : 0);
        map(VCPU_S2_RWX);
        for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
            page[2] = operations[i].word;
            page[3] = page[0];
            CHECK_EQ(vcpu_cache_clean(page, PAGE, false), VCPU_OK);
            vcpu_cache_drop_code();
            if (trapped) {
                CHECK_EQ(run_at(IPA + 8, EL1H), VCPU_EXIT_SYSREG_WRITE);
                CHECK_EQ(vcpu->exit.sysreg.encoding, operations[i].encoding);
                CHECK_EQ(vcpu->exit.sysreg.value, TEST_HOLE_IPA);
                CHECK_EQ(vcpu_cache_clean((const void *)vm.ram, TEST_RAM_SIZE, false), VCPU_OK);
                CHECK_EQ(vcpu_complete_sysreg_write(vcpu), VCPU_OK);
                CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
            } else {
                CHECK_EQ(run_at(IPA + 8, EL1H), VCPU_EXIT_HYPERCALL);
            }
            CHECK_EQ(vcpu->regs.pc, IPA + 12);
        }
        end();
    }
}

static void cleaning(void)
{
    static uint8_t bytes[1024];

    test_begin("vcpu_cache_clean loses nothing, in the range and beside it");
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    CHECK_EQ(vcpu_cache_clean(bytes + 3, 500, false), VCPU_OK);
    CHECK_EQ(vcpu_cache_clean(bytes + 500, 1, true), VCPU_OK);
    vcpu_cache_drop_code();
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        if (bytes[i] != (uint8_t)(i * 7))
            test_fail("a byte has changed");
    }
    test_begin("vcpu_cache_clean refuses what is no range");
    CHECK_EQ(vcpu_cache_clean(NULL, 0, false), VCPU_OK);
    CHECK_EQ(vcpu_cache_clean(NULL, 1, false), VCPU_ERR_INVALID);
    CHECK_EQ(vcpu_cache_clean(bytes, SIZE_MAX, true), VCPU_ERR_INVALID);
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    cpu = testhost_percpu(0);
    test_begin("each type of stage 2 combines with stage 1 as the architecture has it");
    each_type(0);
    forced_write_back();
    execution_at_one_level();
    set_and_way();
    cleaning();
    test_end();
}

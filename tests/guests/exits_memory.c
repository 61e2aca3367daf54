/* SPDX-License-Identifier: MIT */
/* Accesses of a guest that its memory does not answer: MMIO, faults, with its MMU on. */
#include "exits_guest.h"

/* ---- MMIO ---- */

static const struct load {
    const char *name, *snippet;
    uint8_t size;
    uint8_t reg;
    uint64_t data, result;
} loads[] = {
    {"LDRB", load_b, 1, 1, 0xfedcba9876543281, 0x81},
    {"LDRH", load_h, 2, 1, 0xfedcba9876548281, 0x8281},
    {"LDR W", load_w, 4, 1, 0xfedcba9886543281, 0x86543281},
    {"LDR X", load_x, 8, 1, 0xfedcba9876543281, 0xfedcba9876543281},
    {"LDRSB W", load_sb_w, 1, 1, 0x81, 0xffffff81},
    {"LDRSB X", load_sb_x, 1, 1, 0x81, 0xffffffffffffff81},
    {"LDRSB X, positive", load_sb_x, 1, 1, 0xff7f, 0x7f},
    {"LDRSH W", load_sh_w, 2, 1, 0x8000, 0xffff8000},
    {"LDRSH X", load_sh_x, 2, 1, 0x8000, 0xffffffffffff8000},
    {"LDRSW X", load_sw_x, 4, 1, 0x80000000, 0xffffffff80000000},
    {"LDR X30", load_x30, 8, 30, 0x1122334455667788, 0x1122334455667788},
    {"LDAR W", load_acquire, 4, 1, 0xffffffffffffffff, 0xffffffff},
};

static const struct store {
    const char *name, *snippet;
    uint8_t size;
    uint64_t data;
    uint64_t offset;
} stores[] = {
    {"STRB", store_b, 1, 0xef, 0},
    {"STRH", store_h, 2, 0xcdef, 0},
    {"STR W", store_w, 4, 0x89abcdef, 0},
    {"STR X", store_x, 8, 0x0123456789abcdef, 0},
    {"STR XZR", store_zr, 8, 0, 0},
    {"STR W with an offset", store_offset, 4, 0x89abcdef, 0x24},
};

void mmio(void)
{
    struct vcpu *vcpu;

    for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        const struct load *l = &loads[i];

        test_begin(l->name);
        vcpu = at(l->snippet);
        vcpu->regs.x[0] += 0x123 & ~(l->size - 1u);
        vcpu->regs.x[l->reg] = 0x5555555555555555;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
        CHECK_EQ(vcpu->exit.mmio.size, l->size);
        CHECK_EQ(vcpu->exit.ipa.value, vcpu->regs.x[0]);
        CHECK_EQ(vcpu->exit.far_el2, vcpu->regs.x[0]);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(l->snippet));
        CHECK_EQ(vcpu->regs.x[l->reg], 0x5555555555555555);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_call(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, l->data), VCPU_OK);
        CHECK_EQ(vcpu->regs.x[l->reg], l->result);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 1), VCPU_ERR_STATE);
        CHECK(came_to_mark(vcpu, l->snippet));
        CHECK_EQ(vcpu->regs.x[l->reg], l->result);
    }
    test_begin("a load to the zero register writes none");
    vcpu = at(load_w_zr);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0x77), VCPU_OK);
    for (unsigned i = 1; i < 31; i++)
        CHECK_EQ(vcpu->regs.x[i], 0);
    CHECK_EQ(vcpu->regs.sp_el0, 0);
    CHECK(came_to_mark(vcpu, load_w_zr));

    for (unsigned i = 0; i < sizeof(stores) / sizeof(stores[0]); i++) {
        const struct store *s = &stores[i];

        test_begin(s->name);
        vcpu = at(s->snippet);
        vcpu->regs.x[1] = 0x0123456789abcdef;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_WRITE);
        CHECK_EQ(vcpu->exit.mmio.size, s->size);
        CHECK_EQ(vcpu->exit.mmio.data, s->data);
        CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA + s->offset);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_OK);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK(came_to_mark(vcpu, s->snippet));
    }

    test_begin("MMIO retried: memory was mapped meanwhile, and the load reads it");
    vcpu = at(load_w);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    *(uint32_t *)testhost_ram(&vm, TEST_RAM_IPA + 0x100000) = 0xcafe;
    cache_clean(testhost_ram(&vm, TEST_RAM_IPA + 0x100000), 64);
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(TEST_HOLE_IPA), vcpu_pa(vm.ram + 0x100000), 4096,
                             VCPU_S2_RW),
             VCPU_OK);
    CHECK(came_to_mark(vcpu, load_w));
    CHECK_EQ(vcpu->regs.x[1], 0xcafe);
    test_begin("and after unmapping it is MMIO again");
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(TEST_HOLE_IPA), 4096), VCPU_OK);
    vcpu = at(load_w);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);

    test_begin("MMIO answered by an abort: ESR, FAR and ELR as for an external abort");
    CHECK_EQ(vcpu_inject_data_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0x25));
    CHECK_EQ(vcpu->regs.x[10], 0x96000010);
    CHECK_EQ(vcpu->regs.x[11], testhost_ipa(load_w));
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);
}

/* ---- Faults that are not MMIO ---- */

void faults(void)
{
    static const struct {
        const char *name, *snippet;
        uint8_t access;
    } blind[] = {
        {"LDR with post-index has no syndrome", load_post, VCPU_ACCESS_READ},
        {"STR with pre-index has no syndrome", store_pre, VCPU_ACCESS_WRITE},
        {"LDP has no syndrome", load_pair, VCPU_ACCESS_READ},
        {"LDR Q has no syndrome", load_vector, VCPU_ACCESS_READ},
    };
    struct vcpu *vcpu;

    for (unsigned i = 0; i < sizeof(blind) / sizeof(blind[0]); i++) {
        test_begin(blind[i].name);
        vcpu = at(blind[i].snippet);
        /* CPACR_EL1.FPEN, for the vector load. */
        MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 1, 0, 2), 3u << 20));
        vcpu->regs.x[1] = 0x55;
        CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
        CHECK_EQ(vcpu->exit.fault.mmio.size, 0);
        CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
        CHECK_EQ(vcpu->exit.fault.access, blind[i].access);
        CHECK(vcpu->exit.fault.ipa_valid);
        CHECK_EQ(vcpu->exit.ipa.value & ~UINT64_C(15), TEST_HOLE_IPA);
        CHECK_EQ(vcpu->regs.x[1], 0x55);
        CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
        CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_ERR_STATE);
        CHECK_EQ(vcpu->regs.pc, testhost_ipa(blind[i].snippet));
    }

    test_begin("a fetch from a hole");
    vcpu = at(jump);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
    CHECK_EQ(vcpu->exit.ipa.value, TEST_HOLE_IPA);
    CHECK_EQ(vcpu->regs.pc, TEST_HOLE_IPA);
    CHECK_EQ(vcpu_inject_instruction_abort(vcpu, vcpu->exit.far_el2), VCPU_OK);
    CHECK(came_to_vector(vcpu, 0x21));
    CHECK_EQ(vcpu->regs.x[12], TEST_HOLE_IPA);

    test_begin("a write to read-only memory: permission, address by AT, syndrome, retry");
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(0x50000000), vcpu_pa(vm.ram + 0x200000), 0x2000,
                             VCPU_S2_READ),
             VCPU_OK);
    vcpu = at(store_offset);
    vcpu->regs.x[0] = 0x50001008;
    vcpu->regs.x[1] = 0x1234;
    MUST(vcpu_set_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 7, 4, 0), 0x1)); /* PAR_EL1 */
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_WRITE);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x5000102c);
    CHECK_EQ(vcpu->exit.fault.mmio.size, 4);
    CHECK_EQ(vcpu->exit.fault.mmio.data, 0x1234);
    {
        uint64_t par;

        CHECK_EQ(vcpu_get_reg(vcpu, VCPU_REG_SYSREG + VCPU_SYSREG(3, 0, 7, 4, 0), &par), VCPU_OK);
        CHECK_EQ(par & 1, 1); /* the guest's PAR_EL1 is as it was */
    }
    CHECK_EQ(vcpu_stage2_protect(&vm.s2, vcpu_ipa(0x50001000), 0x1000, VCPU_S2_RW), VCPU_OK);
    CHECK(came_to_mark(vcpu, store_offset));
    CHECK_EQ(*(uint32_t *)testhost_ram(&vm, TEST_RAM_IPA + 0x20102c), 0x1234);

    test_begin("a write to read-only memory can be emulated instead");
    vcpu = at(store_offset);
    vcpu->regs.x[0] = 0x50000000;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0), VCPU_ERR_STATE);
    CHECK_EQ(vcpu_complete_mmio_write(vcpu), VCPU_OK);
    CHECK(came_to_mark(vcpu, store_offset));

    test_begin("a fetch from memory that is not executable: permission");
    vcpu = at(jump);
    vcpu->regs.x[0] = 0x50000000;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.fault.access, VCPU_ACCESS_EXECUTE);
    CHECK_EQ(vcpu->exit.ipa.value, 0x50000000);
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(0x50000000), 0x2000), VCPU_OK);

    test_begin("cache maintenance of a hole is no MMIO, and can be skipped");
    vcpu = at(cache_op);
    /* QEMU's DC CIVAC does not translate: then it is done without an exit. */
    if (testhost_run(vcpu) == VCPU_EXIT_STAGE2_FAULT) {
        CHECK(vcpu->exit.fault.cache_maintenance);
        CHECK_EQ(vcpu_complete_skip(vcpu), VCPU_OK);
        CHECK(came_to_mark(vcpu, cache_op));
    } else {
        CHECK_EQ(vcpu_exit_imm(&vcpu->exit), MARK);
    }
}

/* ---- With the guest's MMU on ---- */

/* Level-1 table: RAM identity at 1 GiB, and a table for VA 0 that leads to l2. */
static void guest_tables(uint64_t l2_descriptor)
{
    uint64_t *l1 = testhost_ram(&vm, TEST_RAM_IPA + 0x180000);

    memset(l1, 0, 4096);
    l1[0] = l2_descriptor;
    l1[1] = 0x40000000 | 0x701; /* block, AF, Inner Shareable, attribute 0 */
    cache_clean(l1, 4096);
}

void walks(void)
{
    struct vcpu *vcpu;

    test_begin("the guest's own table walk meets a hole: S1PTW, page address, no MMIO");
    guest_tables(0x0b001000 | 3); /* a table where nothing is */
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x345678;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK(vcpu->exit.fault.s1ptw);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_TRANSLATION);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0b001000);
    CHECK_EQ(vcpu->exit.far_el2, 0x345678);
    CHECK_EQ(vcpu->exit.fault.mmio.size, 0);

    test_begin("MMIO through the guest's MMU: IPA and VA are told apart");
    {
        uint64_t *l2 = testhost_ram(&vm, TEST_RAM_IPA + 0x181000);

        memset(l2, 0, 4096);
        l2[1] = 0x0a000000 | 0x705; /* VA 0x200000 -> IPA 0x0a000000; attribute 1: Device */
        cache_clean(l2, 4096);
    }
    guest_tables((TEST_RAM_IPA + 0x181000) | 3);
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x200018;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_MMIO_READ);
    CHECK_EQ(vcpu->exit.far_el2, 0x200018);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0a000018);
    CHECK_EQ(vcpu_complete_mmio_read(vcpu, 0x1122334455667788), VCPU_OK);
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_HYPERCALL);
    CHECK_EQ(vcpu->regs.x[2], 0x1122334455667788);

    test_begin("a permission fault through the guest's MMU: the address is the IPA");
    CHECK_EQ(vcpu_stage2_map(&vm.s2, vcpu_ipa(0x0a000000), vcpu_pa(vm.ram + 0x200000), 0x1000,
                             VCPU_S2_READ),
             VCPU_OK);
    vcpu = at(mmu_store);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x200020;
    CHECK_EQ(testhost_run(vcpu), VCPU_EXIT_STAGE2_FAULT);
    CHECK_EQ(vcpu->exit.fault.kind, VCPU_FAULT_PERMISSION);
    CHECK_EQ(vcpu->exit.far_el2, 0x200020);
    CHECK(vcpu->exit.fault.ipa_valid);
    CHECK_EQ(vcpu->exit.ipa.value, 0x0a000020);
    CHECK_EQ(vcpu_stage2_unmap(&vm.s2, vcpu_ipa(0x0a000000), 0x1000), VCPU_OK);

    test_begin("the guest's own fault stays with the guest");
    guest_tables(0);
    vcpu = at(mmu_load);
    vcpu->regs.x[0] = TEST_RAM_IPA + 0x180000;
    vcpu->regs.x[1] = 0x1000;
    CHECK(came_to_vector(vcpu, 0x25));
    CHECK_EQ(vcpu->regs.x[12], 0x1000);
}

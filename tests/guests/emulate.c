/* SPDX-License-Identifier: MIT */
/*
 * The library's loads and stores against the CPU's own. Two guests have the same code, tables and
 * registers; one has RAM in a window of its addresses, the other has nothing there, and the library
 * carries out what it does, on an image of the window. Registers and memory must agree.
 */
#include "emulate_sides.h"

static void make_sides(uint32_t flags)
{
    make_side(&cpu_side, flags, NULL);
    make_side(&library_side, flags, &device_ops);
    CHECK_EQ(vcpu_stage2_unmap(&library_side.t.s2, vcpu_ipa(WINDOW), WINDOW_SIZE), VCPU_OK);
}

void host_main(const struct machine *machine)
{
    (void)machine;
    testhost_enable(0);
    make_sides(0);
    all_classes(32);
    devices_come_first();
    steps();
    aborts();
    rights();
    privileged_access_never();
    not_done();
    translations();
    misuse();

    /* A host that has FP registers of its own has taken the guest's out at the exit. */
    MUST(vcpu_percpu_put(testhost_percpu(0)));
    CHECK_EQ(vcpu_percpu_disable(testhost_percpu(0)), VCPU_OK);
    testhost_enable(VCPU_PERCPU_HOST_FP);
    all_classes(4);

    /*
     * With E2H = 0 and TGE = 1 the guest's SCTLR_EL1.M counts as 0, except while it runs. (QEMU does
     * not model that for AT.)
     */
    if (!arch_is_vhe()) {
        const uint64_t hcr = arch_read(hcr_el2);

        MUST(vcpu_percpu_put(testhost_percpu(0)));
        arch_write(hcr_el2, hcr | ARCH_HCR_TGE);
        arch_isb();
        test_begin("a host with TGE set");
        translations();
        aborts();
        MUST(vcpu_percpu_put(testhost_percpu(0)));
        arch_write(hcr_el2, hcr);
        arch_isb();
    }
    if (vcpu_percpu_features(testhost_percpu(0))->pan) {
        testhost_vm_free(&cpu_side.t);
        testhost_vm_free(&library_side.t);
        without_pan2 = true;
        make_sides(0);
        privileged_access_never();
        without_pan2 = false;
    }

    /* V as a part of Z. */
    if (vcpu_percpu_features(testhost_percpu(0))->sve) {
        testhost_vm_free(&cpu_side.t);
        testhost_vm_free(&library_side.t);
        make_sides(VCPU_VM_SVE);
        all_classes(4);
    }
    test_end();
}

// SPDX-License-Identifier: MIT
/*
 * A module that does not stay: insmod writes to the kernel's log what each CPU has in the registers that
 * libvcpu takes and gives back. All read the same before it was loaded and after it is gone.
 */
#include <asm/sysreg.h>
#include <linux/module.h>
#include <linux/smp.h>

/* Of EL2: encodings, because not all kernels have names for all of them. Of EL1 (_EL12): those of a VHE host. */
#define REGISTERS(X)                                                                               \
    X(hcr_el2, 3, 4, 1, 1, 0)                                                                      \
    X(mdcr_el2, 3, 4, 1, 1, 1)                                                                     \
    X(cptr_el2, 3, 4, 1, 1, 2)                                                                     \
    X(hstr_el2, 3, 4, 1, 1, 3)                                                                     \
    X(sctlr_el2, 3, 4, 1, 0, 0)                                                                    \
    X(vpidr_el2, 3, 4, 0, 0, 0)                                                                    \
    X(vmpidr_el2, 3, 4, 0, 0, 5)                                                                   \
    X(tcr_el2, 3, 4, 2, 0, 2)                                                                      \
    X(vttbr_el2, 3, 4, 2, 1, 0)                                                                    \
    X(vtcr_el2, 3, 4, 2, 1, 2)                                                                     \
    X(vbar_el2, 3, 4, 12, 0, 0)                                                                    \
    X(ich_hcr_el2, 3, 4, 12, 11, 0)                                                                \
    X(icc_sre_el2, 3, 4, 12, 9, 5)                                                                 \
    X(cntvoff_el2, 3, 4, 14, 0, 3)                                                                 \
    X(cnthctl_el2, 3, 4, 14, 1, 0)                                                                 \
    X(sctlr_el1, 3, 5, 1, 0, 0)                                                                    \
    X(cpacr_el1, 3, 5, 1, 0, 2)                                                                    \
    X(ttbr0_el1, 3, 5, 2, 0, 0)                                                                    \
    X(ttbr1_el1, 3, 5, 2, 0, 1)                                                                    \
    X(tcr_el1, 3, 5, 2, 0, 2)                                                                      \
    X(mair_el1, 3, 5, 10, 2, 0)                                                                    \
    X(vbar_el1, 3, 5, 12, 0, 0)                                                                    \
    X(cntkctl_el1, 3, 5, 14, 1, 0)                                                                 \
    X(cntv_ctl_el0, 3, 5, 14, 3, 1)                                                                \
    X(cntv_cval_el0, 3, 5, 14, 3, 2)                                                               \
    X(mdscr_el1, 2, 0, 0, 2, 2)                                                                    \
    X(csselr_el1, 3, 2, 0, 0, 0)                                                                   \
    X(tpidr_el1, 3, 0, 13, 0, 4)

static void say(void *unused)
{
#define SAY(name, op0, op1, crn, crm, op2)                                                         \
    pr_info("el2: CPU %d %s %llx\n", smp_processor_id(), #name,                                    \
            (u64)read_sysreg_s(sys_reg(op0, op1, crn, crm, op2)));
    REGISTERS(SAY)
}

static int __init el2_init(void)
{
    int cpu;

    for_each_online_cpu(cpu) smp_call_function_single(cpu, say, NULL, 1);
    return -EAGAIN;
}

module_init(el2_init);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("What the CPUs have at EL2");

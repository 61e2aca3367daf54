/* SPDX-License-Identifier: MIT */
/* The texts of error codes and exit reasons. */
#include <stddef.h>

#include <vcpu/error.h>
#include <vcpu/exit.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *vcpu_error_string(int error)
{
    static const char *const texts[] = {
        [-VCPU_OK] = "success",
        [-VCPU_ERR_INVALID] = "invalid argument",
        [-VCPU_ERR_NO_MEMORY] = "out of memory",
        [-VCPU_ERR_NOT_EL2] = "not at EL2 on SP_EL2",
        [-VCPU_ERR_UNSUPPORTED] = "not supported by this CPU or host",
        [-VCPU_ERR_BUSY] = "in use",
        [-VCPU_ERR_STATE] = "wrong state for this call",
        [-VCPU_ERR_EXISTS] = "already exists",
        [-VCPU_ERR_NOT_FOUND] = "not found",
        [-VCPU_ERR_NO_VMID] = "no free VMID",
    };

    if (error > 0 || error <= -(int)COUNT(texts))
        return "unknown error";
    return texts[-error];
}

const char *vcpu_exit_name(uint32_t reason)
{
    static const char *const names[VCPU_EXIT_REASONS] = {
        [VCPU_EXIT_NONE] = "none",
        [VCPU_EXIT_HYPERCALL] = "hypercall",
        [VCPU_EXIT_MMIO_READ] = "mmio-read",
        [VCPU_EXIT_MMIO_WRITE] = "mmio-write",
        [VCPU_EXIT_SYSREG_READ] = "sysreg-read",
        [VCPU_EXIT_SYSREG_WRITE] = "sysreg-write",
        [VCPU_EXIT_CPU_UP] = "cpu-up",
        [VCPU_EXIT_CPU_DOWN] = "cpu-down",
        [VCPU_EXIT_CPU_SUSPEND] = "cpu-suspend",
        [VCPU_EXIT_SYSTEM_OFF] = "system-off",
        [VCPU_EXIT_SYSTEM_RESET] = "system-reset",
        [VCPU_EXIT_IRQ] = "irq",
        [VCPU_EXIT_FIQ] = "fiq",
        [VCPU_EXIT_WFI] = "wfi",
        [VCPU_EXIT_WFE] = "wfe",
        [VCPU_EXIT_STAGE2_FAULT] = "stage2-fault",
        [VCPU_EXIT_SERROR] = "serror",
        [VCPU_EXIT_DEBUG] = "debug",
        [VCPU_EXIT_KICK] = "kick",
        [VCPU_EXIT_UNHANDLED] = "unhandled",
        [VCPU_EXIT_SYSTEM_SUSPEND] = "system-suspend",
    };

    return reason < VCPU_EXIT_REASONS ? names[reason] : "unknown";
}

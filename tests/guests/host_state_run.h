/* SPDX-License-Identifier: MIT */
/* A run of a guest between the host's registers as they were before and as they are after it. */
#ifndef HOST_STATE_RUN_H
#define HOST_STATE_RUN_H

#include "host_state.h"
#include "host_state_el2.h"
#include "testhost.h"

struct world {
    uint64_t x[12]; /* x18 to x29 */
    uint64_t sp_before, sp;
    uint64_t sp_el0, tpidr_el0, tpidr_el2;
    uint64_t daif, spsel;
    uint64_t d[8]; /* d8 to d15 */
    uint64_t fpcr, fpsr;
    uint64_t fp; /* the FP registers are the host's */
    int64_t result;
};

void host_state_run(const struct world *in, struct world *out, struct vcpu_percpu *cpu,
                    struct vcpu *vcpu);
void host_state_irq(void *ctx);
bool host_state_allow_smc(void *ctx, struct vcpu *vcpu, uint32_t function_id);
void host_state_spoil_fp(void);

extern const char guest_hvc[], guest_smc[], guest_smccc[], guest_mmio_read[], guest_mmio_write[],
    guest_mmio_pair[], guest_fetch[], guest_sysreg_read[], guest_sysreg_write[], guest_inside[],
    guest_wfi[], guest_spin[], guest_cpu_off[], guest_system_off[], guest_fp[];

/* The EL2 timer's interrupt, which ends some of the runs. */
void run_timer_init(const struct machine *machine);

/* The host's registers: none of these values is one of the compiler's. */
struct world host_world(const struct mode *mode, uint64_t daif);

void check_world(const struct world *in, const struct world *out);

/* Each guest for each way out of vcpu_run, with each combination of DAIF. */
void run_guests(struct test_vm *t, const struct mode *mode);

#endif

/* SPDX-License-Identifier: MIT */
/* Guests that exit, and what came out. */
#ifndef EXITS_GUEST_H
#define EXITS_GUEST_H

#include "cache.h"
#include "string.h"
#include "testhost.h"

extern const char guest_vectors[], call_hvc[], call_smc[], call_smccc[], call_smccc_smc[], load_b[],
    load_h[], load_w[], load_x[], load_sb_w[], load_sb_x[], load_sh_w[], load_sh_x[], load_sw_x[],
    load_w_zr[], load_x30[], load_acquire[], store_b[], store_h[], store_w[], store_x[], store_zr[],
    store_offset[], load_post[], store_pre[], load_pair[], load_vector[], cache_op[], jump[],
    mmu_load[], mmu_store[], wait_wfi[], wait_wfe[], debug_brk[], sysreg_read[], sysreg_write[],
    sysreg_write_zr[], timer_read[], id_read[];

#define MARK 0xd /* HVC #0xd: the guest went on behind the instruction */

extern struct test_vm vm;

/* A vCPU about to run a snippet, and away with the one before. */
struct vcpu *at(const char *snippet);

bool came_to_mark(struct vcpu *vcpu, const char *snippet);

bool came_to_vector(struct vcpu *vcpu, uint64_t ec);

void calls(void);

uint64_t answered(const char *snippet, uint64_t x0, uint64_t x1, uint64_t x2);

void psci(void);

void mmio(void);

void faults(void);

void walks(void);

void answers(void);

#endif

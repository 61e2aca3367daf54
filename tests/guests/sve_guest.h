/* SPDX-License-Identifier: MIT */
/* The host's own FP and SVE, and guests with theirs. */
#ifndef SVE_GUEST_H
#define SVE_GUEST_H

#include "arch.h"
#include "cache.h"
#include "gic.h"
#include "string.h"
#include "sve.h"
#include "testhost.h"

extern const char sve_guest[], fresh_guest[], lengths_guest[], plain_guest[], sme_guest[];

#define MAX_VQ 16u

struct mode {
    const char *name;
    uint32_t flags;
    bool fp, sve; /* it lets itself use them */
    bool puts_fp; /* between runs others use them */
};

#define MODES 6u
extern const struct mode modes[MODES];

void host_begins(const struct mode *mode);

void host_ends(const struct mode *mode);

uint64_t random64(void);

struct guest {
    struct test_vm *t;
    struct vcpu *vcpu;
    unsigned most; /* quadwords of the VM's longest vectors, 0 without SVE */
    unsigned vq;   /* of its vectors now */
};

uint16_t cpu_lengths(void);

/* The longest of the CPU's vectors of up to vq quadwords. */
unsigned rounded_down(unsigned vq);

void make_vm(struct test_vm *t, unsigned vq);

struct guest make_guest(struct test_vm *t, uint16_t index, unsigned most);

/* With the mode's host: what it keeps over a run is there afterwards, and the rest is spoilt. */
void run(const struct mode *mode, struct vcpu *vcpu, unsigned says);

/* Random values for all its registers, of vectors that it asks for with ZCR_EL1.LEN. */
void load(const struct mode *mode, struct guest *g, unsigned len);

/* It stores what it loaded. Whoever has no SVE finds it UNDEFINED, three times. */
void check(const struct mode *mode, const struct guest *g);

/* A vCPU after its reset: zeros, whatever others or itself had at the longest vectors. */
void check_fresh(const struct mode *mode, const struct guest *g);

/* The host reads and writes ZCR_EL1 between two runs, and the guest reads it. */
void check_zcr_by_id(const struct mode *mode, struct guest *g);

/* The host reads and writes vectors between two runs. (FFR has to stay ones up to a bit.) */
void check_vectors_by_id(const struct mode *mode, struct guest *g);

#endif

/* SPDX-License-Identifier: MIT */
/* The registers of the world-switch table as its hosts and guests read and write them. */
#ifndef ROWS_H
#define ROWS_H

#include "state/el1_table.h"
#include "testhost.h"

/* Takes this CPU's resident vCPU out of its registers. */
void put(void);

/* Runs to the guest's next hypercall, and over it; x0 stays what the guest put there. */
void run_to_call(struct vcpu *vcpu);

/* Is the row the guest's, on this CPU? direct_timer: its VM has VCPU_VM_DIRECT_TIMER. */
bool row_is_there(enum el1_index row, bool direct_timer);

/* Has the guest a name for it? VSESR_EL2 has none. */
bool row_has_guest_name(enum el1_index row);

uint32_t row_id(enum el1_index row);
uint64_t row_reset(enum el1_index row);

/* Reads and writes by the guest itself, and by the host with vcpu_get_reg and vcpu_set_reg. */
uint64_t row_guest_reads(struct vcpu *vcpu, enum el1_index row);
void row_guest_writes(struct vcpu *vcpu, enum el1_index row, uint64_t value);
uint64_t row_host_reads(const struct vcpu *vcpu, enum el1_index row);
void row_host_writes(struct vcpu *vcpu, enum el1_index row, uint64_t value);

/* CHECK_EQ with the row's name. */
void row_check(enum el1_index row, uint64_t got, uint64_t want);

/*
 * row_value[vcpu][round][row]: a value that this CPU's register keeps, of its own for each, in all
 * its bits, that lets the guest go on: its MMU stays off, its byte order as it is, and its timers
 * ask for no interrupt. Nothing is resident when they are chosen.
 */
#define ROW_ROUNDS 4
extern uint64_t row_value[2][ROW_ROUNDS][EL1_COUNT];
void row_choose_values(bool direct_timer);

#endif

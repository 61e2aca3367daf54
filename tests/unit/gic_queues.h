/* SPDX-License-Identifier: MIT */
/* The queues of gic/lists/ against the state of every interrupt. */
#ifndef VCPU_TESTS_GIC_QUEUES_H
#define VCPU_TESTS_GIC_QUEUES_H

/*
 * Each interrupt of the machine's controller that needs a list register and has none is in the one
 * queue of its vCPU, kind and priority, and nothing else is in any.
 */
void queues_check(void);

#endif

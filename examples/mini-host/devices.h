/* SPDX-License-Identifier: MIT */
/* A guest's UART and clock in virtual mode, as a device of its VM. */
#ifndef MINI_HOST_DEVICES_H
#define MINI_HOST_DEVICES_H

#include "guest.h"

/*
 * Attaches it to the guest's VM, behind the interrupt controller, whose accesses are more. The library
 * asks it in the middle of an exit: the guest does not wait for the way to this host's loop and back.
 */
int devices_attach(struct guest *guest);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Error codes. A negative value from a vcpu_ function is one of these: the host asked for something
 * that cannot be done. What a guest does is never an error: it is an exit reason.
 */
#ifndef VCPU_ERROR_H
#define VCPU_ERROR_H

#include <vcpu/prefix.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call that can fail returns. */
enum vcpu_error {
    VCPU_OK = 0,               /* done */
    VCPU_ERR_INVALID = -1,     /* an argument is out of its documented range */
    VCPU_ERR_NO_MEMORY = -2,   /* alloc_pages returned VCPU_PA_NONE_VALUE, or no slot is free */
    VCPU_ERR_NOT_EL2 = -3,     /* this CPU is not at EL2, or uses SP_EL0 */
    VCPU_ERR_UNSUPPORTED = -4, /* this CPU, or the host's set-up of it, cannot do this */
    VCPU_ERR_BUSY = -5,      /* the vCPU is resident on another CPU, or the VM or vCPU is in use */
    VCPU_ERR_STATE = -6,     /* the call does not fit the object's present state */
    VCPU_ERR_EXISTS = -7,    /* the index, MPIDR, mapping or breakpoint is already there */
    VCPU_ERR_NOT_FOUND = -8, /* no such vCPU, register, mapping or breakpoint */
    VCPU_ERR_NO_VMID = -9,   /* all VMIDs are in use */
};

/* A short constant text for a code; "unknown error" for any other value. Any CPU. */
const char *vcpu_error_string(int error);

#ifdef __cplusplus
}
#endif

#endif

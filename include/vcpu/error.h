/* SPDX-License-Identifier: MIT */
/*
 * Error codes. A negative value from any vcpu_ function is one of these: the host asked for
 * something that cannot be done. What a guest does is never an error, it is an exit reason.
 */
#ifndef VCPU_ERROR_H
#define VCPU_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

enum vcpu_error {
    VCPU_OK = 0,
    VCPU_ERR_INVALID = -1,     /* an argument is out of its documented range */
    VCPU_ERR_NO_MEMORY = -2,   /* the host's alloc_pages hook returned VCPU_PA_NONE */
    VCPU_ERR_NOT_EL2 = -3,     /* this CPU does not run at EL2, or not with SP_EL2 selected */
    VCPU_ERR_UNSUPPORTED = -4, /* this CPU, or the way the host runs on it, cannot do this */
    VCPU_ERR_BUSY = -5,      /* the vCPU's state is in another CPU's registers, or the CPU in use */
    VCPU_ERR_STATE = -6,     /* the call does not fit the state the object is in */
    VCPU_ERR_EXISTS = -7,    /* the index, MPIDR or mapping is already taken */
    VCPU_ERR_NOT_FOUND = -8, /* no such vCPU, register or mapping */
    VCPU_ERR_NO_VMID = -9,   /* every VMID of this machine is in use */
};

/* A short constant English text for a code, "unknown error" for any other value. Any CPU. */
const char *vcpu_error_string(int error);

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: MIT */
/* struct attempt for assembly and C; vectors_attempt.c checks the offsets. */
#ifndef VECTORS_H
#define VECTORS_H

#define ATTEMPT_X(n)      (8 * (n))
#define ATTEMPT_SPSR      248
#define ATTEMPT_VBAR      256
#define ATTEMPT_HOST_VBAR 264
#define ATTEMPT_SP_EL0    272
#define ATTEMPT_OUT_X(n)  (280 + 8 * (n))
#define ATTEMPT_OUT_NZCV  528
#define ATTEMPT_OUT_DAIF  536
#define ATTEMPT_OUT_VBAR  544
#define ATTEMPT_SP        552
#define ATTEMPT_OUT_SP    560
#define ATTEMPT_REFAULT   568
#define ATTEMPT_HCR       576
#define ATTEMPT_HOST_HCR  584
#define ATTEMPT_OUT_HCR   592

/* Immediates of the BRKs. */
#define VECTORS_BRK       0x77
#define VECTORS_BRK_AFTER 0x78
#define VECTORS_BRK_HOOK  0x79
#define VECTORS_BRK_STOP  0x7a

/* Of the guest's hypercall. */
#define VECTORS_CALL 0x55

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The build includes this before every source file: all that the library declares is in the same link,
 * so its address is PC-relative. Without that, position-independent code takes the address of a function
 * or table of another file from a GOT, which a kernel module must not have.
 */
#ifndef VCPU_HW_HIDDEN_H
#define VCPU_HW_HIDDEN_H

#pragma GCC visibility push(hidden)

#endif

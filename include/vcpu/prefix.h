/* SPDX-License-Identifier: MIT */
/*
 * Other names for the library's symbols, if it was configured with VCPU_PREFIX: the build writes a file that
 * is included in the place of this one. The host's source text keeps the names of the headers.
 */
#ifndef VCPU_PREFIX_H
#define VCPU_PREFIX_H
#endif

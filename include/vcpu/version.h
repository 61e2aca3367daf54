/* SPDX-License-Identifier: MIT */
/*
 * The library's version, as semantic versioning has it; docs/changelog.md says what counts as the interface:
 *
 *   major  a host may have to be changed, or compiled again
 *   minor  something new; what a host uses stays as it is
 *   patch  mistakes are mended
 *
 * While major is 0, minor has the meaning of major.
 */
#ifndef VCPU_VERSION_H
#define VCPU_VERSION_H

#include <vcpu/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers. */
#define VCPU_VERSION_MAJOR 0
#define VCPU_VERSION_MINOR 1
#define VCPU_VERSION_PATCH 0

/* The three in one number, to be compared: major at bits 23:16, minor at 15:8, patch at 7:0. */
#define VCPU_VERSION 0x000100u

/* VCPU_VERSION of the archive. A host that compares it with that of its headers finds old ones. Any CPU. */
uint32_t vcpu_version(void);

#ifdef __cplusplus
}
#endif

#endif

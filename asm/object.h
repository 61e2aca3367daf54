/* SPDX-License-Identifier: MIT */
/*
 * What the assembler is told about symbols and sections, for ELF and for COFF (a host that is a UEFI
 * application); and landing pads for branches, if the library is built with BTI.
 */
#ifndef VCPU_ASM_OBJECT_H
#define VCPU_ASM_OBJECT_H

/* clang-format off */
/* The section of a function, or of several that must be together. */
.macro text_section name
#ifdef __ELF__
    .section .text.\name, "ax"
#else
    .section .text$\name, "xr"
#endif
.endm

/* A label that other files of the library know. */
.macro shared name
    .global \name
#ifdef __ELF__
    .hidden \name
#endif
\name:
.endm

/* A label of this file where code of its own begins. */
.macro inner name
#ifdef __ELF__
    .type   \name, %function
#endif
\name:
.endm

/* A function. It can be called by a pointer, or through a linker's veneer. */
.macro function name
    shared  \name
#ifdef __ELF__
    .type   \name, %function
#endif
#ifdef __ARM_FEATURE_BTI_DEFAULT
    hint    #34 /* BTI c, which is new to some assemblers */
#endif
.endm

.macro end_of name
#ifdef __ELF__
    .size   \name, . - \name
#endif
.endm

#ifdef __ELF__
    .section .note.GNU-stack, "", %progbits
#ifdef __ARM_FEATURE_BTI_DEFAULT
    /* An ELF property: GNU_PROPERTY_AARCH64_FEATURE_1_AND is BTI. */
    .section .note.gnu.property, "a"
    .balign 8
    .word   4, 16, 5
    .asciz  "GNU"
    .word   0xc0000000, 4, 1, 0
#endif
#endif
/* clang-format on */

#endif

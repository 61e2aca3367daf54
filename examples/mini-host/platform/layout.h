/* SPDX-License-Identifier: MIT */
/* Numbers that assembly and C share. C checks those that describe a struct. */
#ifndef PLATFORM_LAYOUT_H
#define PLATFORM_LAYOUT_H

#define PLATFORM_MAX_CPUS 8

/* From a 2 MiB boundary, as the arm64 boot protocol has it, and QEMU virt's RAM begins on one. */
#define PLATFORM_TEXT_OFFSET 0x80000
#define PLATFORM_LOAD_BASE   0x40000000

/* A CPU's stacks, from the bottom: a page that is not mapped, the stack, the stack of a fault. */
#define PLATFORM_STACK_GUARD 4096
#define PLATFORM_STACK_SIZE  16384
#define PLATFORM_FAULT_SIZE  4096
#define PLATFORM_STACKS_SIZE (PLATFORM_STACK_GUARD + PLATFORM_STACK_SIZE + PLATFORM_FAULT_SIZE)

/* struct smp_cpu */
#define SMP_CPU_STACK       0
#define SMP_CPU_FAULT_STACK 8

/* struct boot_registers: pairs that are loaded together */
#define BOOT_REGISTERS_HCR_CPTR   0
#define BOOT_REGISTERS_MAIR_TCR   16
#define BOOT_REGISTERS_TTBR_SCTLR 32

/* struct fault_frame */
#define FAULT_FRAME_SP     248
#define FAULT_FRAME_PC     256
#define FAULT_FRAME_ESR    272
#define FAULT_FRAME_VECTOR 288
#define FAULT_FRAME_SIZE   304

/*
 * HCR_EL2 of the host between guests: EL1 is AArch64 (RW), and IRQ, FIQ and SError are taken at EL2
 * (IMO, FMO, AMO). E2H and TGE are 0.
 */
#define ARCH_HCR_HOST 0x80000038

/* SCTLR_EL2's bits that are RES1 with E2H = 0, and then M, C, SA, I and WXN. */
#define ARCH_SCTLR_RES1 0x30c50830
#define ARCH_SCTLR_ON   (0x00081000 | 0x0000000d)

#endif

/* SPDX-License-Identifier: MIT */
/* The GIC, versions 2 and 3: register offsets and fields, named as in the GIC specifications. */
#ifndef VCPU_ARM_GIC_H
#define VCPU_ARM_GIC_H

#include "arm/field.h"

#define GIC_SGIS    16u
#define GIC_PRIVATE 32u   /* SGIs and PPIs; the first SPI is INTID 32 */
#define GIC_INTIDS  1020u /* INTIDs from here on are special */

/* Distributor: 4 KiB in version 2, 64 KiB in version 3. */
#define GICD_CTLR       0x0000u
#define GICD_TYPER      0x0004u
#define GICD_IIDR       0x0008u
#define GICD_SETSPI_NSR 0x0040u /* version 3, as the next: message-based SPIs */
#define GICD_CLRSPI_NSR 0x0048u
#define GICD_IGROUPR    0x0080u
#define GICD_ISENABLER  0x0100u
#define GICD_ICENABLER  0x0180u
#define GICD_ISPENDR    0x0200u
#define GICD_ICPENDR    0x0280u
#define GICD_ISACTIVER  0x0300u
#define GICD_ICACTIVER  0x0380u
#define GICD_IPRIORITYR 0x0400u
#define GICD_ITARGETSR  0x0800u
#define GICD_ICFGR      0x0c00u
#define GICD_IGRPMODR   0x0d00u
#define GICD_SGIR       0x0f00u /* version 2, as the next two offsets */
#define GICD_CPENDSGIR  0x0f10u
#define GICD_SPENDSGIR  0x0f20u
#define GICD_NO_MORE    0x0f30u /* the end of the part with the same layout in both versions */
#define GICD_IROUTER    0x6000u /* version 3: 64 bits each; the first is INTID 32's */

#define GICD_CTLR_EnableGrp0 BIT(0)
#define GICD_CTLR_EnableGrp1 BIT(1)
#define GICD_CTLR_ARE        BIT(4)
#define GICD_CTLR_DS         BIT(6)
#define GICD_CTLR_RWP        BIT(31)

#define GICD_TYPER_ITLinesNumber GENMASK(4, 0)
#define GICD_TYPER_CPUNumber     GENMASK(7, 5)
#define GICD_TYPER_MBIS          BIT(16)
#define GICD_TYPER_IDbits        GENMASK(23, 19)
#define GICD_TYPER_A3V           BIT(24)
#define GICD_TYPER_No1N          BIT(25)
#define GICD_TYPER_RSS           BIT(26)

/* GICD_SETSPI_NSR and the like */
#define SETSPI_INTID GENMASK(12, 0)

/* A GICv2m frame */
#define V2M_MSI_TYPER        0x0008u
#define V2M_MSI_SETSPI_NS    0x0040u
#define V2M_MSI_TYPER_BASE   GENMASK(25, 16)
#define V2M_MSI_TYPER_NUM    GENMASK(9, 0)
#define V2M_MSI_SETSPI_INTID GENMASK(9, 0)

#define GICD_SGIR_SGIINTID         GENMASK(3, 0)
#define GICD_SGIR_CPUTargetList    GENMASK(23, 16)
#define GICD_SGIR_TargetListFilter GENMASK(25, 24)
#define SGIR_FILTER_LIST           0u
#define SGIR_FILTER_OTHERS         1u
#define SGIR_FILTER_SELF           2u

/* Interrupt_Routing_Mode. Aff2 to Aff0 are in bits 23:0, and all four as in MPIDR_EL1. */
#define IROUTER_IRM  BIT(31)
#define IROUTER_Aff3 GENMASK(39, 32)

/* Redistributor: two frames of 64 KiB. The second has the distributor's layout. */
#define GICR_FRAME 0x10000u
#define GICR_CTLR  0x0000u
#define GICR_IIDR  0x0004u
#define GICR_TYPER 0x0008u
#define GICR_WAKER 0x0014u

#define GICR_CTLR_RWP BIT(3)

#define GICR_TYPER_Last             BIT(4)
#define GICR_TYPER_Processor_Number GENMASK(23, 8)
#define GICR_TYPER_Affinity_Value   GENMASK(63, 32)

#define GICR_WAKER_ProcessorSleep BIT(1)
#define GICR_WAKER_ChildrenAsleep BIT(2)

/* Identification registers: the last 0x30 bytes of a frame, offsets from its end. */
#define GIC_ID_SIZE   0x30u
#define GIC_PIDR2     0x18u
#define PIDR2_ArchRev GENMASK(7, 4)
/* Bits 3:0 as Arm recommends: a JEP106 code is used, and its upper bits (Arm's). */
#define PIDR2_JEDEC_DES1_ARM 0xbu

/* ICC_SGI0R_EL1, ICC_SGI1R_EL1, ICC_ASGI1R_EL1 */
#define SGIR_TargetList GENMASK(15, 0)
#define SGIR_Aff1       GENMASK(23, 16)
#define SGIR_INTID      GENMASK(27, 24)
#define SGIR_Aff2       GENMASK(39, 32)
#define SGIR_IRM        BIT(40)
#define SGIR_RS         GENMASK(47, 44)
#define SGIR_Aff3       GENMASK(55, 48)

/* ICC_DIR_EL1, GICC_DIR */
#define DIR_INTID      GENMASK(23, 0)
#define GICC_DIR_INTID GENMASK(9, 0) /* the CPU of an SGI is in the bits above */

/* ICH_LR<n>_EL2 */
#define ICH_LR_vINTID   GENMASK(31, 0)
#define ICH_LR_pINTID   GENMASK(44, 32)
#define ICH_LR_EOI      BIT(41) /* HW = 0: maintenance interrupt on deactivation */
#define ICH_LR_Priority GENMASK(55, 48)
#define ICH_LR_Group    BIT(60)
#define ICH_LR_HW       BIT(61)
#define ICH_LR_pending  BIT(62)
#define ICH_LR_active   BIT(63)
#define ICH_LR_State    (ICH_LR_pending | ICH_LR_active)
#define LR_PENDING      1u /* ICH_LR_State: pending, and not active */

/* GICH_LR<n> */
#define GICH_LR_VirtualID  GENMASK(9, 0)
#define GICH_LR_CPUID      GENMASK(12, 10) /* HW = 0, an SGI: the source */
#define GICH_LR_PhysicalID GENMASK(19, 10) /* HW = 1 */
#define GICH_LR_EOI        BIT(19)         /* HW = 0 */
#define GICH_LR_Priority   GENMASK(27, 23) /* its upper five bits */
#define GICH_LR_State      GENMASK(29, 28)
#define GICH_LR_Grp1       BIT(30)
#define GICH_LR_HW         BIT(31)

/* ICH_HCR_EL2 and GICH_HCR */
#define ICH_HCR_En       BIT(0)
#define ICH_HCR_UIE      BIT(1)
#define ICH_HCR_LRENPIE  BIT(2)
#define ICH_HCR_NPIE     BIT(3)
#define ICH_HCR_VGrp0EIE BIT(4)
#define ICH_HCR_VGrp0DIE BIT(5)
#define ICH_HCR_VGrp1EIE BIT(6)
#define ICH_HCR_VGrp1DIE BIT(7)
#define ICH_HCR_TDIR     BIT(14) /* ICH_HCR_EL2 only, if ICH_VTR_EL2.TDS */
#define ICH_HCR_EOIcount GENMASK(31, 27)

/* ICH_VMCR_EL2 and GICH_VMCR; GICH_VMCR has only the upper five bits of VPMR. */
#define ICH_VMCR_VENG0   BIT(0)
#define ICH_VMCR_VENG1   BIT(1)
#define ICH_VMCR_VAckCtl BIT(2)
#define ICH_VMCR_VFIQEn  BIT(3)
#define ICH_VMCR_VCBPR   BIT(4)
#define ICH_VMCR_VEOIM   BIT(9)
#define ICH_VMCR_VBPR1   GENMASK(20, 18)
#define ICH_VMCR_VBPR0   GENMASK(23, 21)
#define ICH_VMCR_VPMR    GENMASK(31, 24)

/* ICH_VTR_EL2; ListRegs, PREbits and PRIbits are the number minus one. */
#define ICH_VTR_ListRegs GENMASK(4, 0)
#define ICH_VTR_TDS      BIT(19)
#define ICH_VTR_A3V      BIT(21)
#define ICH_VTR_SEIS     BIT(22)
#define ICH_VTR_IDbits   GENMASK(25, 23)
#define ICH_VTR_PREbits  GENMASK(28, 26)
#define ICH_VTR_PRIbits  GENMASK(31, 29)
#define ICH_VTR_KIND     GENMASK(31, 19) /* all these but ListRegs; and nV4 */

/* ICC_CTLR_EL1; PRIbits and those after it are read-only. */
#define ICC_CTLR_CBPR    BIT(0)
#define ICC_CTLR_EOImode BIT(1)
#define ICC_CTLR_PRIbits GENMASK(10, 8)
#define ICC_CTLR_IDbits  GENMASK(13, 11)
#define ICC_CTLR_SEIS    BIT(14)
#define ICC_CTLR_A3V     BIT(15)
/* The same in GICC_CTLR. */
#define GICC_CTLR_AckCtl BIT(2)
#define GICC_CTLR_FIQEn  BIT(3)

/* ICC_SRE_EL1 of a guest: SRE = 1, no bypass (DFB, DIB). */
#define ICC_SRE_SYSTEM GENMASK(2, 0)

/* Virtual interface control registers of version 2 */
#define GICH_HCR  0x000u
#define GICH_VTR  0x004u
#define GICH_VMCR 0x008u
#define GICH_MISR 0x010u
#define GICH_APR  0x0f0u
#define GICH_LR   0x100u

#endif

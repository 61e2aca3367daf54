# SPDX-License-Identifier: MIT
"""What selftest.py does with the checks of single instructions in an archive."""


class Code:
    """Part of selftest.py's class Archive."""

    def maintenance(self, all_cpus, one_cpu, cleaning=("dsb sy", "1: dc civac, x0", "b 1b", "dsb sy")):
        code = "vcpu_a: tlbi ipas2e1is, x0\nret\n" + "\n".join(
            (*all_cpus, *one_cpu, "ret", "vcpu_b:", *cleaning, "ret"))
        return ["maintenance.py", self.objdump, self.archive(one=f".global vcpu_a\n{code}")]

    def test_maintenance(self):
        twice = 2 * ["tlbi vmalle1is", "dsb ish"]
        by_address = 2 * ["tlbi vae2is, x1", "dsb ish"]
        local = ["tlbi vmalle1", "ic iallu", "dsb nsh", "isb"]
        self.passes(*self.maintenance(twice, local))
        self.passes(*self.maintenance(
            twice + by_address, ["tlbi alle1", "mov w1, #0", "dsb nsh", "isb"] + local))
        for code in (twice[:2], twice[:3], twice + twice[:2], twice[:1] + ["dsb ishst"] + twice[2:],
                     by_address[:3] + ["tlbi vae2is, x2", "dsb ish"], twice[:2] + by_address[:2]):
            with self.subTest(code=code):
                self.finds("and DSB ISH are not there twice", *self.maintenance(code, local))
        for code in (local[:3], local[:1] + local[2:], ["tlbi alle1", "isb"],
                     local[:3] + ["msr vttbr_el2, x0", "isb"], local[:3] + ["b 1f", "1: isb"]):
            with self.subTest(code=code):
                self.finds("must be behind tlbi", *self.maintenance(twice, code))
        for code in ([], local), (twice, []), (twice, local, []):
            self.finds("the archive has no TLBI", *self.maintenance(*code))
        for code in (["dsb sy", "dc civac, x0", "dsb sy", "dsb ish"], ["dsb sy", "dc civac, x0"],
                     ["dc civac, x0", "dsb sy", "dsb sy"], ["dsb ish", "dc civac, x0", "dsb sy"]):
            with self.subTest(code=code):
                self.finds("no DSB SY, or a weaker one, before or behind dc civac, x0",
                           *self.maintenance(["nop"], ["nop"], code))
        code = ["dsb sy", "dc civac, x0", "dsb sy", "ic ialluis", "isb"]
        self.finds("behind ic ialluis", *self.maintenance(["nop"], ["nop"], code))

    def test_accumulate(self):
        code = "vcpu_a: {}\nret"
        for text in ("ldr x1, [x2]\nnop\nmadd x3, x4, x5, x6", "ldr x1, [x2]\nmul x3, x4, x5",
                     "ldr w1, [x2]\nmadd w3, w4, w5, w6", "add x1, x2, x3\nmadd x3, x4, x5, x6",
                     "ldrb w6, [x2]\nmadd x3, x4, x5, x6", "ldp x1, x4, [x2]\nmsub x3, x4, x5, x6",
                     "str x1, [x2]\nret\n.type vcpu_b, %function\nvcpu_b: madd x3, x4, x5, x6"):
            with self.subTest(text=text):
                self.passes("accumulate.py", self.objdump,
                            self.archive(one=code.format("ldr x0, [x0]\n" + text)))
        for text in ("ldr x1, [x2]\nmadd x3, x4, x5, x6", "str x4, [x2]\nmsub x3, x4, x5, x6",
                     "ldr x1, [x4], #8\nmadd x3, x4, x5, x6", "prfm pldl1keep, [x4]\n"
                     "smaddl x3, w4, w5, x6", "ldr q4, [x0]\numaddl x3, w4, w5, x6",
                     "ld1 {v4.2d}, [x0]\nsmsubl x3, w4, w5, x6", "stxr w4, x1, [x2]\n"
                     "umsubl x3, w4, w5, x6", "ldp x1, x7, [x2]\n1: madd x3, x4, x5, x6"):
            with self.subTest(text=text):
                self.finds("one.o, vcpu_a: " + text.split()[0], "accumulate.py", self.objdump,
                           self.archive(one=code.format(text)))
        self.finds("no memory access", "accumulate.py", self.objdump, self.archive(one="nop"))

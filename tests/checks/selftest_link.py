# SPDX-License-Identifier: MIT
"""What selftest.py does with the checks of how an archive can be linked."""


class Link:
    """Part of selftest.py's class Archive."""

    def relocations(self, text):
        table = '.section .data.rel.ro.t, "aw"\n.hidden vcpu_a\n.quad vcpu_a\n.text\n'
        code = ".global vcpu_a\nvcpu_a: bl memcpy\nb vcpu_a\n"
        return ["relocations.py", self.objdump, self.ld, self.archive(one=table + code + text)]

    def test_relocations(self):
        self.passes(*self.relocations("adrp x0, vcpu_a\nadd x0, x0, :lo12:vcpu_a\n.section .debug_a\n"
                                      ".word vcpu_a"))
        for text, what in (
                ("adrp x0, :got:vcpu_a\nldr x0, [x0, :got_lo12:vcpu_a]", "R_AARCH64_ADR_GOT_PAGE"),
                ("ldr x0, =vcpu_a", "the address of vcpu_a in .text"),
                ('.section .rodata, "a"\n.quad vcpu_a', "the address of vcpu_a in .rodata"),
                ('.section .data, "aw"\n.quad vcpu_a', "the address of vcpu_a in .data"),
                ("movz x0, #:abs_g0:vcpu_a", "R_AARCH64_MOVW_UABS_G0"),
                (".global vcpu_b\nadr x0, vcpu_a\nbl vcpu_b", "linked by -shared")):
            with self.subTest(text=text):
                self.finds(what, *self.relocations(text))

# SPDX-License-Identifier: MIT
"""selftest.py's part for switch.py."""

from switch import NEVER, REGISTERS, SEQUENCES


class Switch:
    """For a class of tests that makes archives."""

    READ = "mrs x2, s3_0_c12_c12_5\nstr x2, [x1, #96]\nmrs x2, s3_4_c12_c9_5\nstr x2, [x1, #104]"
    WRITE = "ldr x2, [x1, #96]\nmsr s3_0_c12_c12_5, x2\nldr x2, [x1, #104]\nmsr s3_4_c12_c9_5, x2"

    def switch(self, name=None, steps=(), read=READ, write=WRITE):
        """switch.py on functions that do what they must; the one with that name does these steps."""
        code = {"isb": "isb", "dsb sy": "dsb sy"}
        code.update((step, f"msr {register}, x0") for register, step in REGISTERS.items()
                    if register.startswith("s3"))
        code["mrs CNTV_CTL"] = "mrs x0, cntv_ctl_el0"
        code["ICC_SRE"] = write
        text = f".global vcpu_el2_read\nvcpu_el2_read:\n{read}\nret\n"
        for function, events in {**SEQUENCES, **({name: steps} if name else {})}.items():
            lines = "\n".join(code.get(event, f"bl {event}") for event in events)
            text += f".global {function}\n{function}:\n{lines}\nret\n"
        return ["switch.py", self.objdump, self.archive(one=text)]

    def test_switch(self):
        self.passes(*self.switch())
        for name, steps in SEQUENCES.items():
            with self.subTest(name=name):
                self.finds(f"{name}: no ", *self.switch(name, steps[:-1]))
        late = ["CNTV_CTL", "CNTP_CTL", "TCR", "SCTLR", "isb"]
        self.finds("vcpu_el1_stop: no SCTLR at its place", *self.switch("vcpu_el1_stop", late))
        for name, steps in NEVER.items():
            with self.subTest(name=name):
                step = min(steps)
                self.finds(f"{name} writes {step}",
                           *self.switch(name, [*SEQUENCES.get(name, ()), step]))
        for change in ("read", "write"):
            good = getattr(self, change.upper())
            for old, new in (("#96", "#112"), ("s3_4_c12_c9_5", "s3_0_c12_c12_5"), ("c12_c9_5", "c12_c9_4")):
                with self.subTest(change=change, old=old):
                    self.finds("ICC_SRE_EL", *self.switch(**{change: good.replace(old, new)}))
        swapped = {change: getattr(self, change.upper()).replace("#96", "#0").replace(
            "#104", "#96").replace("#0", "#104") for change in ("read", "write")}
        self.finds("ICC_SRE_EL1 is moved to and from [104]", *self.switch(**swapped))
        # GCC 14 moves two at a time.
        paired = {"read": "mrs x2, s3_0_c12_c12_5\nmrs x3, s3_4_c12_c9_5\nstp x2, x3, [x1, #96]",
                  "write": "ldp x2, x3, [x1, #96]\nmsr s3_0_c12_c12_5, x2\nmsr s3_4_c12_c9_5, x3"}
        self.passes(*self.switch(**paired))
        for change, code in paired.items():
            crossed = {**paired, change: code.replace("x2, x3,", "x3, x2,")}
            self.finds("ICC_SRE_EL1 is moved to and from [96, 104]", *self.switch(**crossed))

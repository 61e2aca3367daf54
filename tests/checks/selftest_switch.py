# SPDX-License-Identifier: MIT
"""selftest.py's part for switch.py."""

from switch import NEVER, REGISTERS, SEQUENCES


class Switch:
    """For a class of tests that makes archives."""

    def switch(self, name=None, steps=()):
        """switch.py on functions that do what they must; the one with that name does these steps."""
        code = {"isb": "isb", "dsb sy": "dsb sy"}
        code.update((step, f"msr {register}, x0") for register, step in REGISTERS.items()
                    if register.startswith("s3"))
        code["mrs CNTV_CTL"] = "mrs x0, cntv_ctl_el0"
        text = ""
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

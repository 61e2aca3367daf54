# SPDX-License-Identifier: MIT
"""The classical litmus tests of the literature on Arm's memory model, with their known verdicts.

A thread is a row of steps:
  Wx=1      a store; Wx=1.L with release
  Rx        a load; Rx.A with acquire (LDAR), Rx.Q with acquire of LDAPR
  Ux+1      a read-modify-write that adds; .A, .L, .AL; Nx+1 if nobody looks at the old value
  addr> data> ctrl>   before a step: it depends on the thread's last read
  dmb.ish isb ...     barriers
  sgi irq ack         an SGI to the one CPU that takes it; by an exception; by polling

The outcome has the values that the R, U and X steps read, from left to right, and final values.
"""

import re

from program import Program

STEP = re.compile(r"(?:(addr|data|ctrl)>)?([WRUNX])(\w)(?:[=+](\d))?(?:\.(\w+))?$")

# name: threads, outcome, and whether it is allowed with pairs of exclusives / with LSE
ALLOWED, FORBIDDEN = True, False
TESTS = {
    "CoWW": ("Wx=1 Wx=2", "x=1", FORBIDDEN),
    "CoRR": ("Wx=1 | Rx Rx", "1 0", FORBIDDEN),
    "CoRW1": ("Rx Wx=1", "1", FORBIDDEN),
    "CoRW2": ("Rx Wx=1 | Wx=2", "2 x=2", FORBIDDEN),
    "CoWR": ("Wx=1 Rx | Wx=2", "2 x=1", FORBIDDEN),
    "CoRR+addr": ("Wx=1 | Rx addr>Rx", "1 0", FORBIDDEN),

    "MP": ("Wx=1 Wy=1 | Ry Rx", "1 0", ALLOWED),
    "MP+dmbs": ("Wx=1 dmb.ish Wy=1 | Ry dmb.ish Rx", "1 0", FORBIDDEN),
    "MP+dmb+po": ("Wx=1 dmb.ish Wy=1 | Ry Rx", "1 0", ALLOWED),
    "MP+po+dmb": ("Wx=1 Wy=1 | Ry dmb.ish Rx", "1 0", ALLOWED),
    "MP+dmb+addr": ("Wx=1 dmb.ish Wy=1 | Ry addr>Rx", "1 0", FORBIDDEN),
    "MP+dmb+ctrl": ("Wx=1 dmb.ish Wy=1 | Ry ctrl>Rx", "1 0", ALLOWED),
    "MP+dmb+ctrl-isb": ("Wx=1 dmb.ish Wy=1 | Ry ctrl>isb Rx", "1 0", FORBIDDEN),
    "MP+dmb+isb": ("Wx=1 dmb.ish Wy=1 | Ry isb Rx", "1 0", ALLOWED),
    "MP+dmb+addr-po": ("Wx=1 dmb.ish Wy=1 | Ry addr>Rz Rx", "1 0 0", ALLOWED),
    "MP+dmb+addr-isb": ("Wx=1 dmb.ish Wy=1 | Ry addr>Rz isb Rx", "1 0 0", FORBIDDEN),
    "MP+dmb+dsb-isb": ("Wx=1 dmb.ish Wy=1 | Ry dsb.ishld isb Rx", "1 0", FORBIDDEN),
    "MP+dmb.st+dmb.ld": ("Wx=1 dmb.ishst Wy=1 | Ry dmb.ishld Rx", "1 0", FORBIDDEN),
    "MP+dmb.ld+dmb": ("Wx=1 dmb.ishld Wy=1 | Ry dmb.ish Rx", "1 0", ALLOWED),
    "MP+dmb+dmb.st": ("Wx=1 dmb.ish Wy=1 | Ry dmb.ishst Rx", "1 0", ALLOWED),
    "MP+rel+acq": ("Wx=1 Wy=1.L | Ry.A Rx", "1 0", FORBIDDEN),
    "MP+rel+acq.pc": ("Wx=1 Wy=1.L | Ry.Q Rx", "1 0", FORBIDDEN),
    "MP+rel+po": ("Wx=1 Wy=1.L | Ry Rx", "1 0", ALLOWED),
    "MP+po+acq": ("Wx=1 Wy=1 | Ry.A Rx", "1 0", ALLOWED),
    "MP+rel-po+acq": ("Wx=1.L Wy=1 | Ry.A Rx", "1 0", ALLOWED),
    "MP+dmb+po-acq": ("Wx=1 dmb.ish Wy=1 | Ry Rx.A", "1 0", ALLOWED),
    "MP+rel-coi+acq": ("Wx=1 Wy=1.L Wy=2 | Ry.A Rx", "2 0", FORBIDDEN),
    "MP+dmb+fri-rfi-ctrl-isb": ("Wx=1 dmb.ish Wy=1 | Ry Wy=2 Ry ctrl>isb Rx", "1 2 0", ALLOWED),
    "PPOCA": ("Wx=1 dmb.ish Wy=1 | Ry ctrl>Wz=1 Rz addr>Rx", "1 1 0", ALLOWED),
    "PPOAA": ("Wx=1 dmb.ish Wy=1 | Ry addr>Wz=1 Rz addr>Rx", "1 1 0", FORBIDDEN),

    "SB": ("Wx=1 Ry | Wy=1 Rx", "0 0", ALLOWED),
    "SB+dmbs": ("Wx=1 dmb.ish Ry | Wy=1 dmb.ish Rx", "0 0", FORBIDDEN),
    "SB+dmb+po": ("Wx=1 dmb.ish Ry | Wy=1 Rx", "0 0", ALLOWED),
    "SB+dmb.sts": ("Wx=1 dmb.ishst Ry | Wy=1 dmb.ishst Rx", "0 0", ALLOWED),
    "SB+dmb.lds": ("Wx=1 dmb.ishld Ry | Wy=1 dmb.ishld Rx", "0 0", ALLOWED),
    "SB+rel+acq": ("Wx=1.L Ry.A | Wy=1.L Rx.A", "0 0", FORBIDDEN),
    "SB+rel+acq.pc": ("Wx=1.L Ry.Q | Wy=1.L Rx.Q", "0 0", ALLOWED),
    "SB+rels": ("Wx=1.L Ry | Wy=1.L Rx", "0 0", ALLOWED),
    "SB+rfi-addr": ("Wx=1 Rx addr>Ry | Wy=1 Ry addr>Rx", "1 0 1 0", ALLOWED),
    "SB+rmws": ("Ux+1 Ry | Uy+1 Rx", "0 0 0 0", ALLOWED),
    "SB+rmw-als": ("Ux+1.AL Ry | Uy+1.AL Rx", "0 0 0 0", (ALLOWED, FORBIDDEN)),
    "SB+rmw-ls": ("Ux+1.L Ry | Uy+1.L Rx", "0 0 0 0", ALLOWED),

    "LB": ("Rx Wy=1 | Ry Wx=1", "1 1", ALLOWED),
    "LB+addrs": ("Rx addr>Wy=1 | Ry addr>Wx=1", "1 1", FORBIDDEN),
    "LB+datas": ("Rx data>Wy=1 | Ry data>Wx=1", "1 1", FORBIDDEN),
    "LB+ctrls": ("Rx ctrl>Wy=1 | Ry ctrl>Wx=1", "1 1", FORBIDDEN),
    "LB+data+po": ("Rx data>Wy=1 | Ry Wx=1", "1 1", ALLOWED),
    "LB+acqs": ("Rx.A Wy=1 | Ry.A Wx=1", "1 1", FORBIDDEN),
    "LB+rels": ("Rx Wy=1.L | Ry Wx=1.L", "1 1", FORBIDDEN),
    "LB+acq+po": ("Rx.A Wy=1 | Ry Wx=1", "1 1", ALLOWED),
    "LB+dmb.lds": ("Rx dmb.ishld Wy=1 | Ry dmb.ishld Wx=1", "1 1", FORBIDDEN),
    "LB+dmb.sts": ("Rx dmb.ishst Wy=1 | Ry dmb.ishst Wx=1", "1 1", ALLOWED),
    "LB+addr-po+data": ("Rx addr>Rz Wy=1 | Ry data>Wx=1", "1 0 1", FORBIDDEN),
    "LB+data-rfi-data+data": ("Rx data>Wz=1 Rz data>Wy=1 | Ry data>Wx=1", "1 1 1", FORBIDDEN),

    "S": ("Wx=2 Wy=1 | Ry Wx=1", "1 x=2", ALLOWED),
    "S+dmb+po": ("Wx=2 dmb.ish Wy=1 | Ry Wx=1", "1 x=2", ALLOWED),
    "S+dmb+data": ("Wx=2 dmb.ish Wy=1 | Ry data>Wx=1", "1 x=2", FORBIDDEN),
    "S+dmb.st+ctrl": ("Wx=2 dmb.ishst Wy=1 | Ry ctrl>Wx=1", "1 x=2", FORBIDDEN),
    "S+po+data": ("Wx=2 Wy=1 | Ry data>Wx=1", "1 x=2", ALLOWED),
    "S+rel+acq": ("Wx=2 Wy=1.L | Ry.A Wx=1", "1 x=2", FORBIDDEN),

    "R": ("Wx=1 Wy=1 | Wy=2 Rx", "0 y=2", ALLOWED),
    "R+dmbs": ("Wx=1 dmb.ish Wy=1 | Wy=2 dmb.ish Rx", "0 y=2", FORBIDDEN),
    "R+dmb.st+dmb": ("Wx=1 dmb.ishst Wy=1 | Wy=2 dmb.ish Rx", "0 y=2", FORBIDDEN),
    "R+dmb+po": ("Wx=1 dmb.ish Wy=1 | Wy=2 Rx", "0 y=2", ALLOWED),
    "R+po+dmb": ("Wx=1 Wy=1 | Wy=2 dmb.ish Rx", "0 y=2", ALLOWED),
    "R+rel+dmb": ("Wx=1 Wy=1.L | Wy=2 dmb.ish Rx", "0 y=2", FORBIDDEN),

    "2+2W": ("Wx=1 Wy=2 | Wy=1 Wx=2", "x=1 y=1", ALLOWED),
    "2+2W+dmb.sts": ("Wx=1 dmb.ishst Wy=2 | Wy=1 dmb.ishst Wx=2", "x=1 y=1", FORBIDDEN),
    "2+2W+dmb+po": ("Wx=1 dmb.ish Wy=2 | Wy=1 Wx=2", "x=1 y=1", ALLOWED),
    "2+2W+rels": ("Wx=1 Wy=2.L | Wy=1 Wx=2.L", "x=1 y=1", FORBIDDEN),

    "WRC": ("Wx=1 | Rx Wy=1 | Ry Rx", "1 1 0", ALLOWED),
    "WRC+data+addr": ("Wx=1 | Rx data>Wy=1 | Ry addr>Rx", "1 1 0", FORBIDDEN),
    "WRC+po+addr": ("Wx=1 | Rx Wy=1 | Ry addr>Rx", "1 1 0", ALLOWED),
    "WRC+data+po": ("Wx=1 | Rx data>Wy=1 | Ry Rx", "1 1 0", ALLOWED),
    "WRC+rel+acq": ("Wx=1 | Rx Wy=1.L | Ry.A Rx", "1 1 0", FORBIDDEN),
    "ISA2+dmb+data+addr": ("Wx=1 dmb.ish Wy=1 | Ry data>Wz=1 | Rz addr>Rx", "1 1 0", FORBIDDEN),
    "ISA2+rel+data+acq": ("Wx=1 Wy=1.L | Ry data>Wz=1 | Rz.A Rx", "1 1 0", FORBIDDEN),
    "ISA2+dmb+po+addr": ("Wx=1 dmb.ish Wy=1 | Ry Wz=1 | Rz addr>Rx", "1 1 0", ALLOWED),
    "RWC+addr+dmb": ("Wx=1 | Rx addr>Ry | Wy=1 dmb.ish Rx", "1 0 0", FORBIDDEN),
    "RWC+addr+po": ("Wx=1 | Rx addr>Ry | Wy=1 Rx", "1 0 0", ALLOWED),
    "IRIW": ("Wx=1 | Wy=1 | Rx Ry | Ry Rx", "1 0 1 0", ALLOWED),
    "IRIW+addrs": ("Wx=1 | Wy=1 | Rx addr>Ry | Ry addr>Rx", "1 0 1 0", FORBIDDEN),
    "IRIW+acqs": ("Wx=1 | Wy=1 | Rx.A Ry.A | Ry.A Rx.A", "1 0 1 0", FORBIDDEN),
    "IRIW+addr+po": ("Wx=1 | Wy=1 | Rx addr>Ry | Ry Rx", "1 0 1 0", ALLOWED),

    "RMW+RMW": ("Ux+1 | Ux+1", "0 0", FORBIDDEN),
    "RMW+W": ("Ux+1 | Wx=5", "0 x=1", FORBIDDEN),
    "RMW+W first": ("Ux+1 | Wx=5", "0 x=5", ALLOWED),
    "MP+rmw chain": ("Wx=1 Uy+1.L | Uy+1 | Ry.A Rx", "0 1 2 0", FORBIDDEN),
    "MP+rmw chain, no release": ("Wx=1 Uy+1 | Uy+1.L | Ry.A Rx", "0 1 2 0", ALLOWED),
    "MP+dmb+rmw-po": ("Wx=1 dmb.ish Wy=1 | Uy+1 Rx", "1 0", ALLOWED),
    "MP+dmb+rmw.a": ("Wx=1 dmb.ish Wy=1 | Uy+1.A Rx", "1 0", FORBIDDEN),
    "MP+dmb+rmw-dmb.ld": ("Wx=1 dmb.ish Wy=1 | Uy+2 dmb.ishld Rx", "1 0 y=3", FORBIDDEN),
    "MP+dmb+stadd-dmb.ld": ("Wx=1 dmb.ish Wy=1 | Ny+2 dmb.ishld Rx", "0 y=3",
                            (FORBIDDEN, ALLOWED)),
    "MP+dmb+rmw-rfi-acq": ("Wx=1 dmb.ish Wy=1 | Uy+1 Ry.A Rx", "1 2 0", FORBIDDEN),
    "MP+dmb+swap-rfi-acq": ("Wx=1 dmb.ish Wy=1 | Xy=2 Ry.A Rx", "1 2 0", FORBIDDEN),
    "MP+dmb+swap-rfi-ctrl-isb": ("Wx=1 dmb.ish Wy=1 | Xy=2 Ry ctrl>isb Rx", "1 2 0", ALLOWED),
    "MP+dmb+rmw-rfi": ("Wx=1 dmb.ish Wy=1 | Uy+1 Ry ctrl>Rx", "1 2 0", ALLOWED),

    "SGI+dsb": ("Wx=1 dsb.ish sgi | irq Rx", "0", FORBIDDEN),
    "SGI+dsb.st": ("Wx=1 dsb.ishst sgi | irq Rx", "0", FORBIDDEN),
    "SGI+dmb": ("Wx=1 dmb.ish sgi | irq Rx", "0", ALLOWED),
    "SGI+po": ("Wx=1 sgi | irq Rx", "0", ALLOWED),
    "SGI+dsb, read before": ("Wx=1 dsb.ish sgi | Rx irq Ry", "0 0", ALLOWED),
    "SGI+dsb+ack": ("Wx=1 dsb.ish sgi | ack Rx", "0", ALLOWED),
    "SGI+dsb+ack-dmb": ("Wx=1 dsb.ish sgi | ack dmb.ish Rx", "0", ALLOWED),
    "SGI+dsb+ack-dsb": ("Wx=1 dsb.ish sgi | ack dsb.ish Rx", "0", FORBIDDEN),
    "MP+dmb+ctrl-irq": ("Wx=1 dmb.ish Wy=1 | sgi | Ry ctrl>irq Rx", "1 0", FORBIDDEN),
    "MP+dmb+irq": ("Wx=1 dmb.ish Wy=1 | sgi | Ry irq Rx", "1 0", ALLOWED),
    "SGI taken once": ("sgi | irq irq", "", FORBIDDEN),
    "two SGIs, one interrupt": ("sgi sgi | irq", "irq:0=0", ALLOWED),
    "two SGIs, two interrupts": ("sgi sgi | irq irq", "irq:0=0", ALLOWED),
}


class _Steps:
    """Runs one thread's row of steps."""

    def __init__(self, number, row):
        self.number, self.steps = number, row.split()

    def __call__(self, thread):
        last, result = None, {}
        for index, step in enumerate(self.steps):
            prefix, _, bare = step.rpartition(">")
            if prefix == "ctrl":
                thread.assume((last | 1) != 0)  # a branch that depends on it, and is always taken
            match = STEP.match(step)
            if match:
                old = self._access(thread, match, last)
                if old is not None:
                    result[f"r{self.number}_{index}"] = last = old
            elif bare == "sgi":
                thread.send_sgi(0)
            elif bare in ("irq", "ack"):
                (thread.take_irq if bare == "irq" else thread.acknowledge)(0)
            else:
                thread.fence(bare.replace(".", " "))
        return result

    @staticmethod
    def _access(thread, match, last):
        prefix, what, location, number, order = match.groups()
        addr = last if prefix == "addr" else None
        number, order = int(number or 0), order or ""
        if what == "W":
            value = (last & 0) | number if prefix == "data" else number
            thread.store(location, value, "L" in order, addr)
            return None
        if what == "R":
            return thread.load(location, "A" in order, "Q" in order, addr)
        old = thread.rmw(location, lambda value: number if what == "X" else value + number,
                         "A" in order, "L" in order, addr, used=what != "N")
        return old if what != "N" else None


def program(name):
    rows, outcome, _ = TESTS[name]
    threads = tuple(_Steps(i, row) for i, row in enumerate(rows.split("|")))
    registers = [f"r{t.number}_{i}" for t in threads for i, step in enumerate(t.steps)
                 if step.rpartition(">")[2][0] in "RUX"]
    reads = [int(word) for word in outcome.split() if "=" not in word]
    finals = [word.rsplit("=", 1) for word in outcome.split() if "=" in word]
    assert len(reads) == len(registers), name

    def condition(o):
        return (all(getattr(o, r) == value for r, value in zip(registers, reads)) and
                all(o[location] == int(value) for location, value in finals))

    return Program(name, threads, bad=condition, good=condition)


def problems():
    for name, (_, _, verdict) in TESTS.items():
        verdicts = verdict if isinstance(verdict, tuple) else (verdict, verdict)
        for rmw, expected in zip(("exclusive", "lse"), verdicts):
            found = program(name).allows(program(name).bad, rmw=rmw)
            if found != expected:
                yield (f"{name} ({rmw}): the model says {'allowed' if found else 'forbidden'}, "
                       f"known is {'allowed' if expected else 'forbidden'}")

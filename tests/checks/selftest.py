#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each check finds the violation that it is for: selftest.py Sources|Archive [options]

A check that never fails proves nothing. Here each is run on a small made-up tree or archive, once
for each thing it must find and for the look-alikes that it must pass.
"""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
import unittest

from linked import HOSTS
from selftest_code import Code
from selftest_link import Link
from selftest_switch import Switch

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = None


class Check(unittest.TestCase):
    """A folder of its own for each test, and running a check on it."""

    def setUp(self):
        # pylint: disable=consider-using-with
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def check(self, program, *arguments):
        done = subprocess.run([sys.executable, os.path.join(HERE, program), *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout

    def passes(self, program, *arguments):
        status, output = self.check(program, *arguments)
        self.assertEqual((status, output.count("\n")), (0, 1), output)

    def finds(self, text, program, *arguments):
        status, output = self.check(program, *arguments)
        self.assertEqual(status, 1, output)
        self.assertIn(text, output)


class Sources(Check):
    """The checks of the source tree."""

    def layering(self, name, text):
        for header in ("include/vcpu/error.h", "src/arm/esr.h", "src/hw/sysreg.h", "src/gic/a.h",
                       "src/state/state.h", "asm/layout.h", "tests/unit/help.h"):
            self.write(header, "")
        self.write(name, text)

    def test_layering_passes_what_points_downward(self):
        self.layering("src/gic/psci.c", '#include <stdint.h>\n#include <vcpu/error.h>\n'
                      '#include "arm/esr.h"\n#include "hw/sysreg.h"\n#include "a.h"\n'
                      '/* asm */ static const char *s = "asm"; // asm\nint asmodel;\n')
        self.write("src/hw/wfi.h", 'static inline void hw_wfi(void) { __asm__ volatile("wfi"); }\n')
        self.write("tests/unit/a.c", '#include "src/state/state.h"\nvoid f(void) { asm(""); }\n')
        self.passes("layering.py", self.root)

    def test_layering_finds_an_include_upward(self):
        for name, included, what in (
                ("src/arm/a.h", "vcpu/error.h", "arm must not include include"),
                ("src/decode/a.c", "hw/sysreg.h", "decode must not include hw"),
                ("src/hw/a.c", "state/state.h", "hw must not include state"),
                ("src/run/a.c", "gic/a.h", "run must not include gic"),
                ("src/timer/a.c", "gic/a.h", "timer must not include gic"),
                ("src/timer/a.c", "state/state.h", "timer must not include state"),
                ("src/timer/a.c", "../state/state.h", "timer must not include state"),
                ("src/other/a.c", "arm/esr.h", "the folder other is not in MAY_INCLUDE"),
                ("src/a.c", "arm/esr.h", "src/a.c is in no folder of src/"),
                ("examples/other/a.c", "arm/esr.h", "the folder other is not in EXAMPLES"),
                ("include/vcpu/a.h", "../../src/arm/esr.h", "include must not include arm"),
                ("asm/a.S", "state/state.h", "asm must not include state"),
                ("src/run/a.c", "../../tests/unit/help.h", "is not the library's")):
            with self.subTest(name=name, included=included):
                self.setUp()
                self.layering(name, f'\n#include "{included}"\n')
                place = f"{name}:2: " if "must" in what else ""
                self.finds(place + what, "layering.py", self.root)

    def test_layering_finds_a_circle_of_includes(self):
        self.write("src/gic/b.h", '#include "gic/a.h"\n')
        self.layering("src/gic/b.c", '#include "gic/b.h"\n')
        self.write("src/gic/a.h", '#include "gic/b.h"\n')
        self.finds("in a circle: src/gic/a.h -> src/gic/b.h -> src/gic/a.h", "layering.py",
                   self.root)

    def test_layering_holds_the_examples_apart(self):
        self.write("examples/mini-host/a.h", "")
        self.write("examples/machine/a.c", '#include <string.h>\n#include "a.h"\n')
        self.write("examples/machine/b.c", '#include "arm/esr.h"\n')
        self.write("examples/mini-host/b.c", '#include "machine/c.h"\n#include <vcpu/error.h>\n')
        self.layering("examples/machine/c.h", "")
        self.finds("examples/machine/a.c:2: examples/machine must not include examples/mini-host",
                   "layering.py", self.root)
        self.finds("examples/machine must not include src/arm/esr.h", "layering.py", self.root)
        os.remove(os.path.join(self.root, "examples/machine/a.c"))
        os.remove(os.path.join(self.root, "examples/machine/b.c"))
        self.passes("layering.py", self.root)

    def test_layering_finds_a_hosted_header(self):
        self.layering("src/run/a.c", "#include <string.h>\n")
        self.finds("<string.h> is no freestanding header", "layering.py", self.root)

    def test_layering_finds_assembly_outside_hw(self):
        for text in ('asm("nop");', '__asm__ volatile("nop");', 'int x; __asm("nop");'):
            with self.subTest(text=text):
                self.setUp()
                self.layering("src/run/a.c", f"/* two\nlines */\nvoid f(void) {{ {text} }}\n")
                self.finds("src/run/a.c:3: inline assembly outside src/hw", "layering.py",
                           self.root)

    def test_tree_passes_plain_text(self):
        self.write("a.sh", "cd ${TMPDIR:-/tmp}\nls $here/work/a build/tmp/b\nmktemp a.XXXXXX\n")
        self.passes("tree.py", self.root)

    def test_tree_finds_forbidden_words(self):
        # Spelled in two halves, for the tree's own check reads this file as well.
        for text, what in (("see htt" + "ps://example", "an address of a server"),
                           ("deb.exam" + "ple.org", "the name of a package server"),
                           ("cd /wo" + "rk/main", "a path of one machine"),
                           ("x=/ro" + "ot/x", "a path of one machine"),
                           ("/* TO" + "DO */", "a mark of unfinished work"),
                           ("// FIX" + "ME: later", "a mark of unfinished work"),
                           ("int x; ", "white space"), ("int x;\r", "a carriage return")):
            with self.subTest(text=text):
                self.setUp()
                self.write("a.c", f"\n{text}\n")
                self.finds(f"a.c:2: {what}", "tree.py", self.root)

    def test_an_empty_tree_is_none(self):
        for program in ("layering.py", "tree.py", "format.py", "shell.py"):
            with self.subTest(program=program):
                self.finds("holds no file", program, self.root, "clang-format")

    def test_tree_finds_a_missing_last_newline(self):
        self.write("a.c", "int x;")
        self.finds("a.c: no newline", "tree.py", self.root)

    def test_house(self):
        self.write("src/a/one.c", "int x;\n" * 500)
        for name in ("two", "three", "four", "five"):
            self.write(f"src/a/{name}.c", "int x;\n" * 500)
        self.passes("house.py", self.root)
        self.write("src/a/six.h", "\n")
        self.finds("src/a/ has 2501 lines", "house.py", self.root)
        os.remove(os.path.join(self.root, "src/a/six.h"))
        self.write("tests/x.c", "int x;\n" * 501)
        self.finds("tests/x.c has 501 lines", "house.py", self.root)

    def test_ordering(self):
        rows = "| token | a/a.c | acquire, release/relaxed | b |\n| fence | a/a.c | seq_cst | c |\n"
        rest = "".join(f"| w{n} | a/a.c | relaxed | d |\n" for n in range(9))
        code = ("/* atomic_load(&x) */ atomic_load_explicit(&f(v, 1)->token, memory_order_acquire);\n"
                "atomic_compare_exchange_weak_explicit(&v->token, &t, (a) | b, memory_order_release,\n"
                "memory_order_relaxed); atomic_thread_fence(memory_order_seq_cst);\n" +
                "".join(f"__atomic_load_n(&p->w{n}[i + 1], __ATOMIC_RELAXED);\n" for n in range(9)))
        self.write("docs/ordering.md", rows + rest)
        self.write("src/a/a.c", code)
        self.passes("ordering.py", self.root)
        self.write("src/a/a.c", code.replace("order_release", "order_relaxed"))
        self.finds("src/a/a.c: token is accessed as acquire, relaxed/relaxed, docs/ordering.md says "
                   "acquire, release/relaxed", "ordering.py", self.root)
        self.write("src/a/a.c", code + "atomic_store(&v->power, 1);\n")
        self.finds("power is accessed as seq_cst, docs/ordering.md says nothing", "ordering.py",
                   self.root)
        self.write("src/a/a.c", code)
        self.write("docs/ordering.md", rest + rows + "| other | a/a.c | acquire | b |\n")
        self.finds("other is accessed as nothing", "ordering.py", self.root)

    def test_format(self):
        self.write(".clang-format", "BasedOnStyle: LLVM\n")
        self.write("a.c", "int x;\n")
        self.passes("format.py", self.root, "clang-format")
        self.write("b.h", "int  y;\n")
        self.finds("b.h:1", "format.py", self.root, "clang-format")

    def test_format_finds_what_versions_write_differently(self):
        # In place of clang-format a command that finds nothing.
        self.write("a.c", "#define A(n) (8 * (n))\n#define B(p) (&(p)->x, (p)--, (p)&&1)\n"
                   "#define C(x) {x, 0}\nint x = (int)~1; /* (x) \"quoted\" */\n")
        self.passes("format.py", self.root, "true")
        for text, what in (("#define A(n) ((n)*8)", "put (n) behind"),
                           ("#define A(m, n) \\\n    ((n)-1)", "put (n) behind"),
                           ("#define A(x) \\\n    {  \\\n        x  \\\n    }", "put the braces"),
                           ("int x = (int) ~(1);", "put the operand of (int)"),
                           ('long x = (long) "x";', "put the operand of (long)")):
            with self.subTest(text=text):
                self.write("b.h", f"\n{text}\n")
                self.finds(what, "format.py", self.root, "true")

    def test_shell(self):
        self.write("a.sh", "#!/bin/bash\necho \"$1\"\n")
        self.passes("shell.py", self.root)
        self.write("run", "#!/bin/bash\nrm $1/x\n")
        self.finds("run:2", "shell.py", self.root)

    def test_headers(self):
        self.write("include/vcpu/good.h",
                   "#ifndef G\n#define G\n#include <stdint.h>\nstruct g { uint8_t x; };\n#endif\n")
        for standard, compiler in (("c11", "gcc"), ("c++17", "g++")):
            self.passes("headers.py", self.root, standard, compiler)
        for name, text, standards in (
                ("no_guard", "struct n { int x; };\n", ("c11", "c++17")),
                ("lacks_stdint", "uint8_t x(void);\n", ("c11", "c++17")),
                ("only_c", "int class(void);\n", ("c++17",)),
                ("only_cpp", "enum class a { b };\n", ("c11",)),
                ("pedantic", "struct p { int x; int rest[0]; };\n", ("c11", "c++17"))):
            path = self.write(f"include/vcpu/{name}.h", text)
            for standard in standards:
                with self.subTest(name=name, standard=standard):
                    self.finds(f"vcpu/{name}.h does not compile", "headers.py", self.root, standard,
                               "g++" if standard == "c++17" else "gcc")
            os.remove(path)


class Archive(Code, Link, Switch, Check):
    """The checks of the library's archive."""

    @property
    def objdump(self):
        return OPTIONS.objdump

    @property
    def ld(self):
        return OPTIONS.ld

    def archive(self, **sources):
        """An archive with a member of assembly source for each name."""
        members = []
        for name, text in sources.items():
            source = self.write(f"{name}.S", f".text\n{text}\n")
            members.append(os.path.join(self.root, f"{name}.o"))
            subprocess.run([*OPTIONS.compiler, "-c", source, "-o", members[-1]], check=True)
        path = os.path.join(self.root, "lib.a")
        if os.path.exists(path):
            os.remove(path)
        subprocess.run([OPTIONS.ar, "rcs", path, *members], check=True)
        return path

    def calls(self, **sources):
        """layering.py on objects as CMake names them, and a public header with vcpu_public."""
        self.write("include/vcpu/a.h", "int vcpu_public(void);\n")
        objects = []
        for name, text in sources.items():
            folder, name = name.split("_")
            source = self.write("a.S", f".text\n{text}\n")
            objects.append(os.path.join(self.root, f"vcpu.dir/./{folder}/{name}.c.obj"))
            os.makedirs(os.path.dirname(objects[-1]), exist_ok=True)
            subprocess.run([*OPTIONS.compiler, "-c", source, "-o", objects[-1]], check=True)
        return ["layering.py", self.root, OPTIONS.nm, *objects]

    @staticmethod
    def calling(name, *callees):
        calls = "".join(f"bl vcpu_{callee}\n" for callee in callees)
        return f".global vcpu_{name}\nvcpu_{name}: {calls}ret"

    def test_calls_passes_what_points_downward_and_public_functions(self):
        self.passes(*self.calls(run_exit=self.calling("a", "b", "c"), run_enter=self.calling("c"),
                                vm_vm=self.calling("b"), gic_gic=self.calling("d", "public"),
                                device_device=self.calling("public")))

    def test_calls_finds_a_circle_between_files(self):
        objects = self.calls(run_exit=self.calling("a", "b"), run_enter=self.calling("b", "c"),
                             run_decide=self.calling("c", "a"))
        self.finds("run/decide.c (vcpu_a) -> run/exit.c (vcpu_b) -> run/enter.c (vcpu_c)", *objects)

    def test_calls_finds_a_circle_through_a_table_of_functions(self):
        table = '.section .data.rel.ro, "aw"\n.global vcpu_ops\nvcpu_ops: .quad vcpu_a\n.text\n'
        objects = self.calls(gic_device=table + self.calling("b"),
                             gic_short=self.calling("a", "b"))
        self.finds("gic/device.c (vcpu_a) -> gic/short.c (vcpu_b)", *objects)

    def test_calls_finds_a_circle_between_folders(self):
        objects = self.calls(gic_one=self.calling("a", "public"), vm_two=self.calling("public"),
                             vm_three=self.calling("b", "a"))
        self.finds("vm/three.c calls vcpu_a of gic/one.c, but vm must not call gic", *objects)
        self.finds("folders call each other in a circle: gic (gic/one.c calls vcpu_public) -> vm",
                   *objects)

    def test_calls_finds_a_call_upward(self):
        objects = self.calls(switch_el1=self.calling("a", "b"), run_exit=self.calling("b"))
        self.finds("switch/el1.c calls vcpu_b of run/exit.c, but switch must not call run", *objects)
        objects = self.calls(gic_gic=self.calling("a", "b"), vm_vm=self.calling("b"))
        self.finds("gic/gic.c calls vcpu_b of vm/vm.c, which is no public function", *objects)

    def test_calls_finds_what_tests_nothing(self):
        self.finds("no object calls another one", *self.calls(run_exit=self.calling("a")))
        self.finds("vcpu_a is defined in", *self.calls(run_exit=self.calling("a"),
                                                       run_enter=self.calling("a")))

    def test_symbols_passes_references_inside_and_memory_functions(self):
        self.passes("symbols.py", OPTIONS.nm, self.archive(
            one=".global vcpu_a\nvcpu_a: b vcpu_b\nlocal: bl memcpy\n b memset",
            two=".global vcpu_b\n.hidden vcpu_b\nvcpu_b: b memmove\n b memcmp"))

    def test_symbols_finds_names_that_are_not_the_librarys(self):
        for text in (".global decode\n", ".global decode\n.hidden decode\n", ".weak decode\n"):
            with self.subTest(text=text):
                self.finds("one.o defines decode", "symbols.py", OPTIONS.nm,
                           self.archive(one=text + "decode: ret"))
        self.finds("one.o defines state", "symbols.py", OPTIONS.nm,
                   self.archive(one=".comm state, 8, 8"))

    def test_symbols_finds_what_no_host_gives(self):
        for text, name in (("bl abort", "abort"), ("bl vcpu_gone", "vcpu_gone"),
                           (".weak hook\nbl hook", "hook")):
            with self.subTest(text=text):
                self.finds(f"one.o needs {name}", "symbols.py", OPTIONS.nm,
                           self.archive(one=f".global vcpu_a\nvcpu_a: {text}"))

    def test_symbols_finds_an_empty_archive(self):
        self.finds("defines nothing", "symbols.py", OPTIONS.nm, self.archive(one=""))

    def test_registers_passes_look_alikes(self):
        # Immediates, and addresses of branch targets: b0, d0.
        text = "vcpu_a: mov x0, #0xd0\nb at_b0\ncbz x1, at_d0\nbl at_b0\nadr x3, at_d0\n" \
               "msr s3_4_c1_c1_0, x0\nldr x2, [sp, #8]\n.inst 0xd0\n" \
               ".org 0xb0\nat_b0: tbz x3, #8, at_d0\n.org 0xd0\nat_d0: b.eq at_b0"
        self.passes("registers.py", OPTIONS.objdump, self.archive(one=text))

    def test_registers_allows_vectors_in_the_simd_switch(self):
        self.passes("registers.py", OPTIONS.objdump,
                    self.archive(**{"simd.S": "stp q0, q1, [x0]\nmsr fpcr, x1"}))

    def test_registers_finds_vectors_elsewhere(self):
        for text in ("stp q8, q9, [x0]", "fmov d8, x0", "ldr s31, [x1]", "ldr b0, [x1]",
                     "ldr h7, [x1]", "movi v0.16b, #0", "ld1 {v30.2d}, [x0]", "ins v3.d[1], x2",
                     "mrs x0, fpcr", "msr fpsr, x0", ".arch armv8.2-a+sve\nptrue p0.b",
                     ".arch armv8.2-a+sve\nld1d {z3.d}, p1/z, [x0]"):
            with self.subTest(text=text):
                self.finds("one.o, vcpu_a: FP or SIMD register", "registers.py", OPTIONS.objdump,
                           self.archive(one=f".global vcpu_a\nvcpu_a: {text}"))

    def test_registers_finds_the_platform_register(self):
        for name, text in (("one", "mov w18, w0"), ("one", "ldp x18, x19, [x0]"),
                           ("entry.S", "mov x18, x0")):
            with self.subTest(name=name, text=text):
                self.finds(f"{name}.o, vcpu_a: the host's x18", "registers.py", OPTIONS.objdump,
                           self.archive(**{name: f".global vcpu_a\nvcpu_a: {text}"}))
        self.passes("registers.py", OPTIONS.objdump,
                    self.archive(**{"entry.S": "vcpu_a: stp x18, x19, [sp, #-16]!\nldr x18, [sp]"}))

    def guard(self, old="", new="", changed="guard.S"):
        """guard.py on the library's own files with a change in one."""
        text = {}
        for name in ("layout.h", "object.h", "guard.S", "smc.S"):
            with open(os.path.join(HERE, "..", "..", "asm", name), encoding="utf-8") as file:
                text[name] = file.read()
        for header in ("layout.h", "object.h"):
            self.write(header, text.pop(header))
        self.assertIn(old, text[changed])
        text[changed] = text[changed].replace(old, new, 1)
        return ["guard.py", OPTIONS.objdump, self.archive(**text)]

    def test_guard(self):
        self.passes(*self.guard())
        for old, new in (("4:  dsb     nsh\n", "4:\n"), ("    isb\n    ldrb", "    ldrb"),
                         ("    smc     #0\n", ""), ("    clrbhb\n    ldrb", "    ldrb"),
                         ("    cbz     w0, 3f\n", "    cbz     w0, 3f\n    blr     x0\n"),
                         ("3:  ldr     w0", "3:  cbz     w0, 4f\n    ldr     w0")):
            with self.subTest(old=old):
                self.finds("slot 8 is:", *self.guard(old, new))
        for old, new in (("    esb\n    mrs", "    mrs"), ("1:  dsb     sy\n", "1:\n"),
                         ("    isb\n    mrs     x0, isr_el1", "    mrs     x0, isr_el1"),
                         ("    msr     daifset, #4\n", ""), ("    mrs     x2, spsr_el2\n", ""),
                         ("    \\retry\n    mrs     x2, spsr_el2\n",
                          "    mrs     x2, spsr_el2\n    \\retry\n"),
                         ("    isb\n    msr     daifset", "    msr     daifset")):
            with self.subTest(old=old):
                self.finds("looks for SErrors by:", *self.guard(old, new))
        for old, new in (("    mov     x3, #0\n", ""), ("    mov     w0, w0\n", ""),
                         ("    mov     x1, #0\n", "    mov     x1, x2\n")):
            with self.subTest(old=old):
                self.finds("vcpu_smc_alone is:", *self.guard(old, new, "smc.S"))

    def speculation(self, text, **more):
        return ["speculation.py", OPTIONS.objdump, self.archive(**{"a.S": text, **more})]

    def test_speculation(self):
        self.passes(*self.speculation("vcpu_a: br x0\ndsb nsh\nisb\nvcpu_b: eret\ndsb sy\nisb\nret",
                                      compiled="br x0\nret"))
        # SB and BRAA, as numbers: Clang 14 wants more than .arch for their names.
        self.passes(*self.speculation("vcpu_a: eret\n.inst 0xd50330ff, 0xd71f0801, 0xd50330ff"))
        for text in ("br x0", "eret\nisb", "eret\ndsb nsh\nnop\nisb", "br x0\nnop\ndsb nsh\nisb"):
            with self.subTest(text=text):
                self.finds(f"a.S.o, vcpu_a: no barrier behind {text.split()[0]}",
                           *self.speculation(f"vcpu_a: {text}"))
        self.finds("no barrier behind eret",
                   *self.speculation("vcpu_a: eret", **{"b.S": "dsb nsh\nisb"}))
        self.finds("a.S.o, vcpu_a: code that is marked as data",
                   *self.speculation("vcpu_a: eret\ndsb nsh\nisb\n.word 0xd61f0000"))
        self.finds("is there anything to look at?", *self.speculation("ret"))

    def test_errata(self):
        read, acquires = "dmb sy\nmrs x0, par_el1\ndmb sy", "ldar w0, [x1]\n" * 7
        member = {"gich_hw.c": acquires}
        self.passes("errata.py", OPTIONS.objdump, self.archive(one=read, **member))
        for text in ("mrs x0, par_el1", "dmb ish\nmrs x0, par_el1\ndmb sy",
                     "dmb sy\nmrs x0, par_el1\nret\ndmb sy", f"{read}\nmrs x1, par_el1"):
            with self.subTest(text=text):
                self.finds("one.o, vcpu_a: no DMB SY before and behind the read of PAR_EL1",
                           "errata.py", OPTIONS.objdump,
                           self.archive(one=f"vcpu_a: {text}\nret", **member))
        self.finds("gich_hw.c has 6 load-acquires", "errata.py", OPTIONS.objdump,
                   self.archive(one=read, **{"gich_hw.c": acquires[14:] + "ldr w0, [x1]"}))
        self.finds("PAR_EL1 is not read", "errata.py", OPTIONS.objdump, self.archive(**member))

    def test_size(self):
        path = self.archive(one="nop\n.section .rodata\n.space 12", two=".space 16\n.data\n.quad 1")
        self.passes("size.py", OPTIONS.size, path, "33")
        self.finds("text is 32 bytes, the limit is 32", "size.py", OPTIONS.size, path, "32")

    def linked(self, limit, lines="", missing=None):
        """linked.py on an archive of all that a core host calls but the missing: 4 bytes each."""
        names = [name for name in HOSTS["core"] if name != missing]
        path = self.archive(one="\n".join(f"{self.function(name)}\nnop" for name in names) + lines)
        return ["linked.py", OPTIONS.ld, OPTIONS.nm, OPTIONS.size, path, "core", str(limit)]

    @staticmethod
    def function(name):
        return f'.section .text.{name}, "ax"\n.global vcpu_{name}\nvcpu_{name}:'

    def test_linked(self):
        core = 4 * len(HOSTS["core"])
        unused = self.function("gic_create") + "\n.space 64"
        self.passes(*self.linked(core + 1, "\n" + unused))
        self.finds(f"is {core} bytes, the limit is {core}", *self.linked(core))

    def test_linked_finds_what_a_core_host_does_not_call(self):
        for name in ("gic_create", "timer_load", "stage2_map", "pmu_reg", "emulate", "a64_plan",
                     "guard_vectors", "firmware_ask"):
            with self.subTest(name=name):
                lines = f"\nb vcpu_{name}\n{self.function(name)} nop"
                self.finds(f"vcpu_{name} is linked", *self.linked(4096, lines))
        shape = f"\nb vcpu_stage2_shape\n{self.function('stage2_shape')} nop"
        self.passes(*self.linked(4096, shape))

    def test_acknowledge(self):
        def run(behind):
            return self.archive(run=f".globl hook_irq\nhook_irq:\nblr x1\n{behind}\nret\n")
        self.passes("acknowledge.py", OPTIONS.objdump, run("dsb sy"))
        self.finds("stands nop, not dsb sy", "acknowledge.py", OPTIONS.objdump,
                   run("nop"))
        self.finds("0 calls of a hook", "acknowledge.py", OPTIONS.objdump, self.archive(run="nop\n"))

    def test_linked_finds_a_missing_function(self):
        self.finds("vcpu_run is not in the archive", *self.linked(4096, missing="run"))


if __name__ == "__main__":
    PARSER = argparse.ArgumentParser()
    PARSER.add_argument("group", choices=("Sources", "Archive"))
    PARSER.add_argument("--compiler", type=shlex.split)
    for tool in ("ar", "nm", "objdump", "size", "ld"):
        PARSER.add_argument("--" + tool)
    OPTIONS = PARSER.parse_args()
    unittest.main(argv=[sys.argv[0], OPTIONS.group])

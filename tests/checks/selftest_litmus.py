#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""litmus.py finds what it is for: code that has other ordering instructions than the programs."""

import unittest

import litmus

DISASSEMBLY = {
    "   0:\tldaxr\tx0, [x1]": "ldaxr", "   4:\tstlxrb\tw2, w0, [x1]": "stlxr",
    "   8:\tldarh\tw0, [x1]": "ldar", "   c:\tdmb\tish": "dmb ish", "  10:\tdsb\tsy": "dsb ish",
    "  14:\tldsetal\tx0, x2, [x1]": "ldsetal", "  18:\tcasa\tx0, x2, [x1]": "casa",
    "  1c:\tldr\tx0, [x1]": None, "  20:\tstp\tx0, x1, [x2]": None, "  24:\tdsb\tnsh": None,
    "  28:\tisb": None, "0000000000000000 <ldar>:": None,
}


class Litmus(unittest.TestCase):
    """Each test changes code that is as the programs say."""

    wanted = litmus.assumed()

    def setUp(self):
        self.functions = {(litmus.file_of(function) or "header", function.split(":")[1]):
                          [kind for row in rows for kind in row]
                          for function, rows in self.wanted.items()}

    def finds(self, text):
        problems = [*litmus.missing(self.functions, self.wanted),
                    *litmus.unknown(self.functions, self.wanted)]
        self.assertEqual([text in problem for problem in problems], [True], problems)

    def test_instructions(self):
        for line, kind in DISASSEMBLY.items():
            self.assertEqual(litmus.kind_of(line), kind, line)

    def test_passes(self):
        self.assertGreater(len(self.wanted), 20)
        self.functions["any", "state_cpu"] = ["ldar"]
        self.assertEqual([*litmus.missing(self.functions, self.wanted),
                          *litmus.unknown(self.functions, self.wanted)], [])

    def test_a_barrier_that_is_gone(self):
        self.functions["kick", "vcpu_call_out"].remove("dmb ish")
        self.finds("has ldaxr, stlxr, dmb ish; vcpu_call_out has ldaxr, stlxr")

    def test_a_barrier_elsewhere(self):
        self.functions["switch", "vcpu_switch_put"] = ["dsb ish", "ldxr", "stxr", "ldxr", "stlxr"]
        self.finds("has dsb ish, ldxr, stlxr; vcpu_switch_put has dsb ish, ldxr, stxr")

    def test_where_it_is_inlined(self):
        row = self.functions.pop(("enter", "claim"))
        self.functions["enter", "vcpu_run_slow"] = self.functions.pop(("enter", "run_masked")) + row
        self.assertEqual([*litmus.missing(self.functions, self.wanted)], [])
        self.functions["enter", "vcpu_run_slow"].remove("stlxr")
        self.finds("run/enter.c:claim: a litmus program has ldar, ldaxr, stlxr; vcpu_run_slow has")

    def test_what_clang_takes_out(self):
        self.functions["has_work", "vcpu_has_work"] = ["ldar"]
        self.functions["has_work", "OUTLINED_FUNCTION_0"] = ["dmb ish"]
        self.assertEqual([*litmus.missing(self.functions, self.wanted)], [])

    def test_a_function_that_is_gone(self):
        del self.functions["device", "vcpu_device_told"]
        self.finds("vcpu_device_told, which a litmus program has, is not in the archive")

    def test_an_ordering_without_a_program(self):
        self.functions["kick", "new"] = ["stlr"]
        self.finds("kick.c: new has stlr, which no litmus program has")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A test host that fails in any way is seen to fail: selftest.py QEMU IMAGE

QEMU is the one to use. IMAGE is failing.c, which fails as its command line says. Where the runner alone must see it, a
made-up QEMU says what a machine would.
"""

import os
import subprocess
import sys
import tempfile
import unittest

RUNNER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run.py")
QEMU = IMAGE = None

PASSED = "ok   a subject (2 checks)\nok   the last subject (2 checks)\n2 passed, 0 failed\n"


def run(*options, qemu=None):
    done = subprocess.run([sys.executable, RUNNER, "--qemu", qemu or QEMU, *options], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


class Program(unittest.TestCase):
    """What the program itself says, in QEMU."""

    def fails(self, how, *lines):
        status, output = run("--smp", "2", "--words", how, IMAGE)
        self.assertEqual(status, 1, output)
        for line in lines:
            self.assertIn(line + "\n", output)

    def test_nothing_fails(self):
        status, output = run("--smp", "2", IMAGE)
        self.assertEqual((status, output), (0, PASSED))

    def test_a_check_before_the_first_subject(self):
        self.fails("before", "FAIL before the first subject (1 of 1 checks failed)",
                   "2 passed, 1 failed")

    def test_a_program_without_a_subject(self):
        self.fails("no-subject", "0 passed, 0 failed")

    def test_a_subject_without_a_check(self):
        self.fails("no-check", "FAIL a subject (no check ran)", "1 passed, 1 failed")

    def test_a_check_on_another_cpu(self):
        self.fails("on-other", "FAIL a subject (1 of 3 checks failed)", "1 passed, 1 failed")

    def test_a_reason(self):
        self.fails("why", "FAIL for a reason", "FAIL a subject (1 of 3 checks failed)")

    def test_a_check_that_the_caller_describes(self):
        self.fails("held", "FAIL a subject (2 of 2 checks failed)", "1 passed, 1 failed")

    def test_the_last_subject(self):
        self.fails("last", "FAIL the last subject (1 of 2 checks failed)", "1 passed, 1 failed")

    def test_a_program_that_does_not_come_to_its_end(self):
        self.fails("no-end", "run.py: the last line does not say that all passed")

    def test_a_machine_that_does_not_end(self):
        # The other CPU is not there, and a job for it is never done.
        status, output = run("--smp", "1", "--seconds", "3", "--words", "on-other", IMAGE)
        self.assertEqual(status, 1, output)
        self.assertIn("run.py: still running", output)


class Runner(unittest.TestCase):
    """What the runner sees of a program that says that it passed."""

    def qemu(self, text, status=0):
        """The runner's status and output, where QEMU says this."""
        with tempfile.TemporaryDirectory() as folder:
            qemu = os.path.join(folder, "qemu-system-aarch64")
            with open(qemu, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\ncat <<'END'\n{text}END\nexit {status}\n")
            os.chmod(qemu, 0o755)
            return run("image", qemu=qemu)

    def finds(self, complaint, text, status=0):
        status, output = self.qemu(text, status)
        self.assertEqual(status, 1, output)
        self.assertIn("run.py: " + complaint, output)

    def test_nothing_fails(self):
        self.assertEqual(self.qemu(PASSED), (0, PASSED))

    def test_a_status(self):
        self.finds("QEMU ended with status 1", PASSED, 1)

    def test_a_failure_that_nobody_counted(self):
        line = "FAIL a.c:1: not so: true\n"
        self.finds("a check failed", line + PASSED)
        self.finds("a check failed", PASSED + line)

    def test_no_last_line(self):
        self.finds("the last line", "ok   a subject (1 checks)\n")
        self.finds("the last line", "0 passed, 0 failed\n")
        self.finds("the last line", "ok   a subject (1 checks)\n1 passed, 1 failed\n")
        self.finds("the last line", PASSED + "one more\n")

    def test_subjects_that_ran_no_check(self):
        self.finds("2 passed, but 1", PASSED.replace("subject (2", "subject (0", 1))
        self.finds("2 passed, but 1", PASSED.replace(" (2 checks)", "", 1))

    def test_another_kind_of_host(self):
        self.finds("not the kind of host", "host: VHE\n" + PASSED)


if __name__ == "__main__":
    IMAGE = sys.argv.pop()
    QEMU = sys.argv.pop()
    unittest.main()

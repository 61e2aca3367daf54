#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every C file is as clang-format writes it: format.py ROOT CLANG_FORMAT"""

import subprocess
import sys

from check import conclude, tracked_files


def problems_of(root, clang_format):
    names = [name for name in tracked_files(root) if name.endswith((".c", ".h"))]
    done = subprocess.run([clang_format, "--dry-run", "--Werror", *names], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = [line for line in done.stdout.split("\n") if "error:" in line]
    if done.returncode != 0 and not lines:
        lines = [done.stdout.strip() or f"clang-format: exit status {done.returncode}"]
    return lines


if __name__ == "__main__":
    conclude(problems_of(sys.argv[1], sys.argv[2]), "clang-format changes nothing")

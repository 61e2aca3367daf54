#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Shell scripts parse, and shellcheck finds nothing in them: shell.py ROOT"""

import re
import subprocess
import sys

from check import conclude, read, tracked_files

SHEBANG = re.compile(r"#!.*\b(?:ba|da)?sh$")


def problems_of(root):
    names = []
    for name in tracked_files(root):
        try:
            first = read(root, name).split("\n", 1)[0]
        except UnicodeDecodeError:
            continue
        if name.endswith(".sh") or SHEBANG.match(first):
            names.append(name)
    done = subprocess.run(["shellcheck", "-x", "-f", "gcc", *names], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode == 0:
        return []
    return done.stdout.strip().splitlines() or [f"shellcheck: exit status {done.returncode}"]


if __name__ == "__main__":
    conclude(problems_of(sys.argv[1]), "shellcheck finds nothing")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every C file is as clang-format writes it: format.py ROOT CLANG_FORMAT

Versions 14 and 19 must agree, for a machine has only one of them. The forms that they are known to
write differently are found by their text, as version 14 writes them.
"""

import re
import subprocess
import sys

from check import conclude, read, tracked_files

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
MACRO = re.compile(r"^#define[ \t]+\w+(?:\(([^)]*)\))?((?:[^\\\n]|\\\n|\\.)*)", re.MULTILINE)
# (n)*8, with n a parameter, is a product to version 19, and to version 14 a cast.
PRODUCT = r"\(({})\)(?:\*|&(?!&)|-(?![->]))"
CAST = re.compile(r"(?<!\w)\((\w+)\) [~\"]")


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def disputed(text):
    """Places, as line and what is wrong, on which version 14 and 19 do not agree."""
    text = COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in CAST.finditer(text):
        yield line_of(text, match.start()), f"put the operand of ({match[1]}) in parentheses"
    for macro in MACRO.finditer(text):
        if re.match(r"(?:\s|\\\n)*\{[ \t]*\\\n", macro[2]):
            yield line_of(text, macro.start()), "put the braces around the macro's use"
        if not (macro[1] or "").strip():
            continue
        names = "|".join(name.strip() for name in macro[1].split(",") if name.strip() != "...")
        for match in re.finditer(PRODUCT.format(names), macro[2]) if names else ():
            yield (line_of(text, macro.start(2) + match.start()),
                   f"put ({match[1]}) behind the operator")


def problems_of(root, clang_format):
    names = [name for name in tracked_files(root) if name.endswith((".c", ".h"))]
    done = subprocess.run([clang_format, "--dry-run", "--Werror", *names], cwd=root, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = [line for line in done.stdout.split("\n") if "error:" in line]
    if done.returncode != 0 and not lines:
        lines = [done.stdout.strip() or f"clang-format: exit status {done.returncode}"]
    for name in names:
        lines += [f"{name}:{line}: clang-format 14 and 19 do not agree: {what}"
                  for line, what in disputed(read(root, name))]
    return lines


if __name__ == "__main__":
    conclude(problems_of(sys.argv[1], sys.argv[2]), "clang-format changes nothing")

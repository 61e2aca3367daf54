#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each public header compiles alone: headers.py ROOT STANDARD COMPILER...

STANDARD is c11 or c++17, COMPILER the command with further options.
"""

import os
import subprocess
import sys

from check import conclude

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def compile_alone(root, header, standard, compiler):
    """What the compiler says of a file that holds nothing but the header, "" if it is content."""
    language = "c++" if standard.startswith("c++") else "c"
    # Twice: the second must be nothing, by the include guard. And a declaration, for an empty file
    # is no C.
    source = f"#include <vcpu/{header}>\n#include <vcpu/{header}>\nextern int declared;\n"
    done = subprocess.run([*compiler, "-std=" + standard, *WARNINGS, "-ffreestanding",
                           f"-I{root}/include", "-fsyntax-only", "-x", language, "-"],
                          input=source, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout or "failed in silence" if done.returncode != 0 else ""


def problems_of(root, standard, compiler):
    headers = sorted(os.listdir(os.path.join(root, "include", "vcpu")))
    if not headers:
        yield "there is no public header"
    for header in headers:
        said = compile_alone(root, header, standard, compiler)
        if said:
            yield f"vcpu/{header} does not compile alone as {standard} with {compiler[0]}:\n{said}"


if __name__ == "__main__":
    ROOT, STANDARD, *COMPILER = sys.argv[1:]
    conclude(list(problems_of(ROOT, STANDARD, COMPILER)),
             f"each header compiles alone as {STANDARD}")

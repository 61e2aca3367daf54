#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/calls.md names every function and every hook of the headers, and nothing else: calls_page.py ROOT"""

import os
import re
import sys

from check import conclude, public_functions, public_headers, read

HOOK = re.compile(r"\(\*(\w+)\)\(")


def problems_of(root):
    functions, hooks = set(), set()
    for text in public_headers(os.path.join(root, "include")).values():
        hooks |= set(HOOK.findall(text))
        functions |= public_functions(text)
    rows = [line.split("|")[1] for line in read(root, "docs/calls.md").splitlines()
            if line.startswith(("| `", "| a device"))]
    named = set(re.findall(r"`(\w+)`", " ".join(rows)))
    # "`vcpu_complete_call` and their `_any`".
    if "_any" in named:
        named.remove("_any")
        named |= {name for name in functions if name.endswith("_any")}

    for name in sorted((functions | hooks) - named):
        yield f"docs/calls.md says nothing of {name}"
    for name in sorted(named - functions - hooks):
        yield f"docs/calls.md has {name}, which no header has"
    if len(functions) < 100 or len(hooks) < 15:
        yield "the headers were not understood"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "docs/calls.md has every function and every hook")

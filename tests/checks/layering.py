#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Layering of the library's sources: layering.py ROOT

Includes point downward only, the public headers stand on nothing but themselves, only headers that
come with the compiler are used, and inline assembly is found in src/hw alone.
"""

import os
import re
import sys

from check import conclude, read, tracked_files

# Those of a freestanding C11 implementation, but for limits.h: GCC's own asks for the C library's.
# And stdatomic.h, which GCC and Clang bring as well.
FREESTANDING = {"float.h", "iso646.h", "stdalign.h", "stdarg.h", "stdatomic.h",
                "stdbool.h", "stddef.h", "stdint.h", "stdnoreturn.h"}

# What a layer may include beside itself. Every other folder of src/ is a subject.
BELOW = {
    "include": {"include"},
    "arm": set(),
    "asm": {"arm"},
    "decode": {"include", "arm"},
    "hw": {"include", "arm"},
}
CORE = {"state", "debug", "guest", "device", "switch", "kick", "vm", "inject", "psci", "reg",
        "emulate", "cpu", "run"}
BELOW |= {layer: CORE | {"include", "arm", "decode", "hw", "asm"} for layer in CORE}
SUBJECT = {"include", "arm", "decode", "hw"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
ASSEMBLY = re.compile(r"\b(?:asm|__asm|__asm__)\b")
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def blank(match):
    """A comment or literal, gone, its lines kept so that line numbers hold."""
    return " " + "\n" * match.group().count("\n")


def layer_of(name):
    """The layer of a file of the library by its path, None for any other file."""
    parts = name.split("/")
    if name.startswith("include/vcpu/"):
        return "include"
    if parts[0] == "asm":
        return "asm"
    if parts[0] == "src" and len(parts) > 2:
        return parts[1]
    return None


def resolve(name, kind, included, files):
    """The file of this tree that an #include of the file `name` means, None if it is none."""
    if kind == "<":
        candidates = ["include/" + included]
    else:
        beside = os.path.normpath(os.path.join(os.path.dirname(name), included))
        candidates = [beside, "src/" + included, "asm/" + included, "include/" + included]
    return next((path for path in candidates if path in files), None)


def check_include(layer, name, kind, included, files):
    """What is wrong with one #include, None if nothing is."""
    if kind == "<" and included in FREESTANDING:
        return None
    target = resolve(name, kind, included, files)
    if target is None:
        return f"<{included}> is no freestanding header" if kind == "<" else \
            f'"{included}" is no file of the library'
    of = layer_of(target)
    if of is None:
        return f"{target} is not the library's"
    if of != layer and of not in BELOW.get(layer, SUBJECT):
        return f"{layer} must not include {of} ({target})"
    return None


def problems_of(root):
    files = set(tracked_files(root))
    for name in sorted(files):
        layer = layer_of(name)
        if layer is None or not name.endswith((".c", ".h", ".S", ".inc")):
            continue
        text = read(root, name)
        for match in INCLUDE.finditer(text):
            problem = check_include(layer, name, match.group(1), match.group(2), files)
            if problem:
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {problem}"
        if layer != "hw" and not name.endswith(".S"):
            code = NOT_CODE.sub(blank, text)
            for match in ASSEMBLY.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: inline assembly outside src/hw"


if __name__ == "__main__":
    conclude(list(problems_of(sys.argv[1])), "includes point downward, assembly is in its place")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The headers mean the same to every host: dialects.py ROOT NM LD ARCHIVE CC [CXX]

All headers compile together without a warning as C of each dialect and as C++, with the compiler's
headers and with a kernel's own (-nostdinc, VCPU_HOST_TYPES), whose `inline` is gnu_inline. The library's
inline functions are then defined in the archive alone, with and without optimization.
"""

import os
import shlex
import sys
import tempfile

from check import conclude, run, symbols

DIALECTS = {"c": ("gnu89", "c99", "c11", "gnu11", "gnu17"), "c++": ("c++11", "c++17")}
INLINE = ("vcpu_index", "vcpu_complete_a64", "vcpu_complete_call", "vcpu_complete_mmio_read",
          "vcpu_complete_mmio_write")


def compile_as(root, compiler, language, dialect, kernel, level, name, folder):
    source = os.path.join(root, "tests", "consumer")
    output = os.path.join(folder, name + ".o")
    headers = sorted(os.listdir(os.path.join(root, "include", "vcpu")))
    own = ["-nostdinc", f'-DVCPU_HOST_TYPES="{source}/kernel.h"'] if kernel else []
    run(*compiler, "-x", language, f"-std={dialect}", level, "-ffreestanding", "-Wall", "-Wextra",
        "-Wstrict-prototypes" if language == "c" else "-Wnon-virtual-dtor", "-Werror", *own,
        f"-DUSE={name}", f"-I{root}/include",
        *(option for header in headers for option in ("-include", f"vcpu/{header}")),
        "-c", os.path.join(source, "dialect.c"), "-o", output)
    return output


def problems_of(root, nm, ld, archive, cc, cxx=""):
    ways = [(language, dialect, kernel, level, shlex.split(compiler))
            for language, compiler in (("c", cc), ("c++", cxx)) if compiler
            for dialect in DIALECTS[language] for kernel in (False, True) for level in ("-O0", "-O2")]
    with tempfile.TemporaryDirectory() as folder:
        for language, dialect, kernel, level, compiler in ways:
            what = f"{dialect} {level}" + (" with a kernel's headers" if kernel else "")
            objects = [compile_as(root, compiler, language, dialect, kernel, level, name, folder)
                       for name in ("one", "other")]
            for name in sorted(set.union(*(symbols(nm, path)[0] for path in objects))):
                if name.startswith("vcpu_"):
                    yield f"{what}: the host's object defines {name}"
            linked = os.path.join(folder, "linked.o")
            run(ld, "-r", *objects, archive, "-o", linked)
            needs, lacks = symbols(nm, objects[0])[1], symbols(nm, linked)[1]
            for name in INLINE:
                if name in lacks:
                    yield f"{what}: nobody defines {name}"
            if (level == "-O0") != ("vcpu_complete_call" in needs):
                yield f"{what}: vcpu_complete_call is " + ("inline" if level == "-O0" else "called")


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "the headers mean the same in each dialect")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library with its options, and two copies of it in one program:
options.py ROOT BUILD TOOLCHAIN CC NM LD OBJDUMP

One is BUILD's, the other is built with VCPU_PREFIX and VCPU_BTI (bti.py). Both are installed, and the same
source text, which uses every public function, is compiled with the headers of each. The second archive
defines what the first does, with the other prefix; each object needs names of its own copy alone; and all of
both is linked as a program.
"""

import os
import shlex
import sys
import tempfile

import bti
from check import conclude, public_functions, public_headers, run, symbols
from consumer import install

PREFIX = "acme_"
MEMORY = {"memcpy", "memset"}


def build_other(root, toolchain, folder):
    run("cmake", "-G", "Ninja", "-S", root, "-B", folder, "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", f"-DVCPU_PREFIX={PREFIX}", "-DVCPU_BTI=ON",
        "-DVCPU_TESTS=OFF", "-DVCPU_EXAMPLES=OFF")
    run("cmake", "--build", folder)
    return folder


def source_text(include):
    """A table of all public functions."""
    headers = public_headers(include)
    functions = set().union(*(public_functions(text, static=False) for text in headers.values()))
    lines = [f"#include <vcpu/{name}>" for name in headers]
    lines += ["extern void (*const USE[])(void);", "void (*const USE[])(void) = {"]
    lines += [f"    (void (*)(void)){name}," for name in sorted(functions)]
    return len(functions), "\n".join(lines + ["};", ""])


def problems_of(root, build, toolchain, compiler, nm, ld, objdump):
    with tempfile.TemporaryDirectory() as folder:
        place = {}
        for prefix, tree in ("vcpu_", build), (PREFIX, build_other(root, toolchain, folder + "/build")):
            place[prefix] = os.path.join(folder, prefix)
            os.mkdir(place[prefix])
            place[prefix] = install(tree, place[prefix])
        archives = {prefix: os.path.join(where, "lib", "libvcpu.a") for prefix, where in place.items()}
        defined = {prefix: symbols(nm, path)[0] for prefix, path in archives.items()}
        renamed = {PREFIX + name.removeprefix("vcpu_") for name in defined["vcpu_"]}
        for name in sorted(renamed ^ defined[PREFIX]):
            yield f"{name} is in only one of the archives"
        yield from bti.problems_of(objdump, nm, ld, archives[PREFIX], PREFIX, folder)

        count, text = source_text(os.path.join(place["vcpu_"], "include"))
        source = os.path.join(folder, "host.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        objects = []
        for prefix, where in place.items():
            objects.append(os.path.join(folder, prefix + "host.o"))
            run(*shlex.split(compiler), "-std=c11", "-O2", "-ffreestanding", "-Wall", "-Wextra", "-Werror",
                f"-I{where}/include", f"-DUSE={prefix}table", "-c", source, "-o", objects[-1])
            needed = symbols(nm, objects[-1])[1]
            if len(needed) != count:
                yield f"a host needs {len(needed)} names of {count} functions"
            for name in sorted(needed):
                if not name.startswith(prefix):
                    yield f"a host of {prefix} needs {name}"
        run(ld, "--entry=0", *(f"--defsym={name}=0" for name in MEMORY), *objects,
            "--whole-archive", *archives.values(), "-o", os.path.join(folder, "program"))


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "landing pads with BTI; two copies of the library are one program")

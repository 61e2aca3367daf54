#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The library as one file: one_file.py ROOT NM OBJDUMP ARCHIVE CC

cmake/one_file.py makes vcpu.h, vcpu.c and vcpu.S. With the options that docs/porting.md names they compile
together with a host in one call of the compiler, without a warning; the program has nothing of the library
that it does not call. They define and need what the archive does, without a GOT, also with a kernel's own
headers and macros instead of the compiler's, with another prefix, and for COFF. Without -mgeneral-regs-only
they do not compile.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile

from check import conclude, read, run, symbols
from consumer import problems_of_program
from relocations import problems_of_archive

WARNINGS = ("-Wall", "-Wextra", "-Werror")


def options_of(root):
    """The line of options in docs/porting.md."""
    found = re.findall(r"^ +(-\S.* -mgeneral-regs-only .*)$", read(root, "docs/porting.md"), re.MULTILINE)
    if len(found) != 1:
        sys.exit(f"docs/porting.md has {len(found)} lines of options for vcpu.c, not 1")
    return shlex.split(found[0])


def compile_in(folder, name, *command):
    output = os.path.join(folder, name)
    run(*command, "-o", output)
    return output


def problems_of(root, nm, objdump, archive, compiler):
    compiler, options = shlex.split(compiler), options_of(root)
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, os.path.join(root, "cmake", "one_file.py"), folder)
        source, assembly = os.path.join(folder, "vcpu.c"), os.path.join(folder, "vcpu.S")

        host = os.path.join(root, "tests", "consumer", "main.c")
        program = compile_in(folder, "program", *compiler, *options, *WARNINGS, "-DONE_FILE", "-nostdlib",
                             "-static", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections",
                             f"-I{folder}", host, source, assembly)
        yield from problems_of_program(nm, program)

        wanted = symbols(nm, archive)
        rest = compile_in(folder, "assembly.o", *compiler, "-c", assembly)
        kernel = ("-nostdinc", f'-DVCPU_HOST_TYPES="{root}/tests/consumer/kernel.h"')
        for what, more in ("the compiler's headers", ()), ("a kernel's headers", kernel):
            code = compile_in(folder, "code.o", *compiler, *options, *WARNINGS, *more, "-fPIE", "-c", source)
            yield from problems_of_archive(objdump, code, {})
            for kind, one, other in zip(("define", "need"), symbols(nm, code, rest), wanted):
                for name in sorted(one ^ other):
                    yield f"with {what} only {'they' if name in one else 'the archive'} {kind}s {name}"

        run(sys.executable, os.path.join(root, "cmake", "one_file.py"), folder, "acme_")
        other = symbols(nm, compile_in(folder, "code.o", *compiler, *options, *WARNINGS, "-c", source),
                        compile_in(folder, "assembly.o", *compiler, "-c", assembly))
        if other != tuple({name.replace("vcpu_", "acme_", 1) for name in names} for names in wanted):
            yield "with another prefix they do not define or need the same"

        if "clang" in compiler[0]:
            for path in source, assembly:
                run(compiler[0], "--target=aarch64-unknown-windows-gnu", *options, *WARNINGS, "-c", path,
                    "-o", os.path.join(folder, "coff.o"))
        options.remove("-mgeneral-regs-only")
        done = subprocess.run([*compiler, *options, "-fsyntax-only", source], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if "Compile with -mgeneral-regs-only" not in done.stdout:
            yield "they compile without -mgeneral-regs-only"


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), "the library compiles as one file")

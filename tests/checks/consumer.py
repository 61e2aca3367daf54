#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A host outside this tree can use the library: consumer.py WAY ROOT BUILD TOOLCHAIN CC NM

WAY is package (cmake --install, find_package; with the documentation, and the version of
vcpu/version.h), pkgconfig (the same with pkg-config), or
subdirectory (add_subdirectory). TOOLCHAIN is CMake's toolchain file, CC the compiler with options.
The program is linked with the library alone, so that anything it lacks is an error.
"""

import os
import re
import shlex
import sys
import tempfile

from check import conclude, read, run
from reference import broken_links, markdown


def install(build, folder):
    prefix = os.path.join(folder, "prefix")
    run("cmake", "--install", build, "--prefix", prefix)
    # Moved, to see that nothing in it knows where it was made.
    moved = os.path.join(folder, "moved")
    os.rename(prefix, moved)
    return moved


def forced_flags(prefix):
    """Flags that a package would add to the host's: the host alone decides how it is compiled."""
    for folder, _, names in os.walk(os.path.join(prefix, "lib")):
        for name in names:
            if not name.endswith((".cmake", ".pc")):
                continue
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                for line in file:
                    if re.search(r"INTERFACE_\w*(OPTIONS|DEFINITIONS|FEATURES)|\s-[mfWD]", line):
                        yield f"{name}: {line.strip()}"


def problems_of_release(root, prefix):
    text = read(root, "include/vcpu/version.h")
    version = ".".join(re.findall(r"^#define VCPU_VERSION_\w+ +(\d+)$", text, re.MULTILINE))
    for name, line in (("lib/cmake/vcpu/vcpuConfigVersion.cmake", f'set(PACKAGE_VERSION "{version}")'),
                       ("lib/pkgconfig/vcpu.pc", f"Version: {version}"),
                       ("share/doc/vcpu/docs/changelog.md", f"## {version}")):
        if not re.search(rf"^{re.escape(line)}", read(prefix, name), re.MULTILINE):
            yield f"{name} is not of version {version}"
    place = os.path.join(prefix, "share", "doc", "vcpu")
    pages = ["README.md", "ARCHITECTURE.md", *(f"docs/{name}" for name in os.listdir(root + "/docs"))]
    for name in ["LICENSE", *pages]:
        if not os.path.isfile(os.path.join(place, name)):
            yield f"{name} is not installed"
    yield from broken_links({name: markdown(read(root, name)) for name in pages},
                            lambda path: os.path.exists(os.path.join(place, path)))


def by_cmake(root, toolchain, folder, *options):
    source, build = os.path.join(root, "tests", "consumer"), os.path.join(folder, "build")
    run("cmake", "-G", "Ninja", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", *options)
    run("cmake", "--build", build)
    return os.path.join(build, "consumer")


def by_pkg_config(root, compiler, prefix, folder):
    program = os.path.join(folder, "consumer")
    search = dict(os.environ, PKG_CONFIG_LIBDIR=os.path.join(prefix, "lib", "pkgconfig"))
    cflags = shlex.split(run("pkg-config", "--cflags", "vcpu >= 0.1", env=search))
    libs = shlex.split(run("pkg-config", "--libs", "vcpu", env=search))
    run(*compiler, "-O2", "-ffreestanding", "-mgeneral-regs-only", "-nostdlib", "-static",
        "-Wl,--gc-sections", *cflags, os.path.join(root, "tests", "consumer", "main.c"), *libs,
        "-o", program)
    return program


def symbols_of(nm, program):
    """Each symbol's kind. Local ones such as Clang's NAME.rel count as NAME."""
    symbols = {}
    for line in run(nm, "-P", program).splitlines():
        name, kind = line.split()[:2]
        symbols.setdefault(name.split(".")[0], set()).add(kind)
    return symbols


def problems_of_program(nm, program):
    symbols = symbols_of(nm, program)
    if "T" not in symbols.get("vcpu_error_string", ()):
        yield "the program does not hold vcpu_error_string"
    for name in sorted(symbols):
        if name.startswith("vcpu_") and name != "vcpu_error_string":
            yield f"the program holds {name}, which it does not call"


def problems_of(way, root, build, toolchain, compiler, nm):
    with tempfile.TemporaryDirectory() as folder:
        if way == "package":
            prefix = install(build, folder)
            yield from forced_flags(prefix)
            yield from problems_of_release(root, prefix)
            program = by_cmake(root, toolchain, folder, "-DCONSUMER_OF=package",
                               f"-DCMAKE_PREFIX_PATH={prefix}")
        elif way == "pkgconfig":
            program = by_pkg_config(root, shlex.split(compiler), install(build, folder), folder)
        elif way == "subdirectory":
            program = by_cmake(root, toolchain, folder, "-DCONSUMER_OF=subdirectory",
                               f"-DVCPU_SOURCE_DIR={root}")
        else:
            sys.exit(f"no such way: {way}")
        yield from problems_of_program(nm, program)


if __name__ == "__main__":
    conclude(list(problems_of(*sys.argv[1:])), f"a host links the library by {sys.argv[1]}")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole library as three files, for a kernel with a build system of its own: one_file.py FOLDER [PREFIX]

Writes vcpu.h (all public headers), vcpu.c and vcpu.S to FOLDER; docs/porting.md says how they are compiled.
Static names that two files of src/ have get the file's name before them. With PREFIX the symbols begin with
that instead of vcpu_, as with VCPU_PREFIX of the build.
"""

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEAD = """/* SPDX-License-Identifier: MIT */
/* Made by cmake/one_file.py of libvcpu, from {}. Not for editing. */
"""
INCLUDE = re.compile(r'^#include (?:"(.+)"|<(.+)>)\n', re.MULTILINE)
# Comments, strings and characters are left alone.
TOKEN = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|'
                   r'(?:\.|->)\s*\w+|(?<!\w)[A-Za-z_]\w*', re.DOTALL)
# A static function, variable or table, and a type of the file's own.
STATIC = re.compile(r"^(?:[A-Z]+ )?static[^;={(]*?(?:__attribute__\(\(.*?\)\)[^;={(]*?)?\b(\w+)\s*[(\[=;]|"
                    r"^(?:struct|union|enum) (\w+) \{", re.MULTILINE)
NAME = re.compile(r"\bvcpu_(\w+)")
FUNCTION = re.compile(r"\bvcpu_(\w+)\(")
MACRO = re.compile(r"^#\s*define (\w+)", re.MULTILINE)
LICENSE = "/* SPDX-License-Identifier: MIT */\n"


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read().replace(LICENSE, "", 1)


def files(*patterns):
    found = []
    for pattern in patterns:
        found += sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True))
    return [os.path.relpath(path, ROOT) for path in found]


class OneFile:
    """Text in which each header stands once, where it is included first."""

    def __init__(self, *places):
        self.places, self.seen = places, set()

    def text_of(self, name, change=lambda text: text):
        """A file, with its headers in the place of their includes. Those of the compiler, and of
        other folders than `places`, are left out."""
        text = read(name)
        own = os.path.dirname(name)

        def header(match):
            for place in (own, *self.places):
                path = os.path.normpath(os.path.join(place, match.group(1) or match.group(2)))
                if os.path.isfile(os.path.join(ROOT, path)) and path.startswith(self.places):
                    if path in self.seen:
                        return ""
                    self.seen.add(path)
                    return self.text_of(path)
            return match.group(0) if own.endswith("include/vcpu") and match.group(2) else ""

        # Renaming is for the file's own text, not for the headers in it.
        parts, at = [], 0
        for match in INCLUDE.finditer(text):
            parts += [change(text[at:match.start()]), header(match)]
            at = match.end()
        return "".join(parts) + change(text[at:])


def names_in(text, pattern):
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return {name for match in pattern.finditer(plain) for name in match.groups() if name}


def rename(text, names, prefix):
    def token(match):
        word = match.group(0)
        return prefix + word if word in names else word
    return TOKEN.sub(token, text)


def source_text(sources):
    """All of src/: a static name that is there twice is made unique, and a file's macros end with it."""
    count = {}
    for name in sources + files("src/**/*.h"):
        for word in names_in(read(name), STATIC):
            count[word] = count.get(word, 0) + 1
    library = OneFile("src", "asm")
    out = []
    for name in sources:
        twice = {word for word in names_in(read(name), STATIC) if count[word] > 1}
        prefix = re.sub(r"\W", "_", os.path.splitext(name[len("src/"):])[0]) + "_"
        out += [f"\n/* {name} */\n",
                library.text_of(name, lambda text, t=twice, p=prefix: rename(text, t, p)).lstrip("\n")]
        out += [f"#undef {word}\n" for word in sorted(names_in(read(name), MACRO))]
    # A kernel may have macros with the names of attributes.
    return re.sub(r"__attribute__\(\(([a-z]\w*)", r"__attribute__((__\1__", "".join(out))


def write(folder, name, origin, prefix, names, text):
    renamed = [f"#define vcpu_{word} {prefix}{word}\n" for word in sorted(names)] if prefix else []
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(HEAD.format(origin) + "".join(renamed) + re.sub(r"\n{3,}", "\n\n", text))


def main(folder, prefix=""):
    os.makedirs(folder, exist_ok=True)
    public = OneFile("include")
    header = "".join("" if name in public.seen else public.seen.add(name) or public.text_of(name)
                     for name in files("include/vcpu/*.h"))
    source = read("cmake", "one_file.h") + source_text(files("src/**/*.c"))
    assembly = "".join(map(OneFile("asm").text_of, files("asm/*.S")))
    # The header's types keep their names.
    functions, known = set(FUNCTION.findall(header)), set(NAME.findall(header))
    write(folder, "vcpu.h", "include/vcpu/", prefix, functions, header)
    write(folder, "vcpu.c", "src/", prefix, set(NAME.findall(source)) - known, source)
    write(folder, "vcpu.S", "asm/", prefix, set(NAME.findall(assembly)), assembly)


if __name__ == "__main__":
    main(*sys.argv[1:])

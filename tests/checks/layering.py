#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The graph of the library's folders and files: layering.py ROOT [NM OBJECT...]

Of the sources: a file includes what its folder may, the public headers stand on nothing but
themselves, only headers that come with the compiler are used, and inline assembly is found in src/hw
alone.

Of the objects, if there are any: who calls whom, as their symbols tell. Between files there is no
circle of calls, nor between folders, and a folder calls another one only if it may include it, or as
MAY_CALL says. A table of functions counts as calls of them by the file that holds it; who then calls
by the pointer (the library its VM's devices, a host its hooks) is nothing that a symbol tells.
"""

import os
import re
import sys

from check import conclude, read, run, tracked_files

# Those of a freestanding C11 implementation, but for limits.h: GCC's own asks for the C library's.
# And stdatomic.h, which GCC and Clang bring as well.
FREESTANDING = {"float.h", "iso646.h", "stdalign.h", "stdarg.h", "stdatomic.h",
                "stdbool.h", "stddef.h", "stdint.h", "stdnoreturn.h"}

# What a folder may include from, beside itself. From the bottom up: each names folders that stand
# before it, so there is no circle.
MAY_INCLUDE = {
    "include": "",
    "arm": "",
    "asm": "",
    "hw": "include arm",
    "decode": "include arm",
    "state": "include arm asm decode hw",
    "debug": "arm decode state",
    "guest": "include arm hw decode state debug",
    "device": "include hw state",
    "switch": "include arm hw state debug guest device",
    "kick": "include arm decode hw state device",
    "vm": "include arm decode hw state guest device switch",
    "inject": "include arm hw state switch kick vm",
    "psci": "include arm hw decode state switch vm",
    "calls": "include arm hw state",
    "reg": "include arm hw state debug guest switch kick vm",
    "emulate": "include arm decode hw state device switch",
    "cpu": "include arm hw state guest switch",
    "run": "include arm decode hw state debug guest device switch vm psci cpu",
    # Subjects that a host may do without: they know a vCPU as a host does.
    "cache": "include arm hw",
    "stage2": "include arm hw",
    "gic": "include arm hw",
    "timer": "include arm hw",
    "pmu": "include arm hw",
    "answer": "include arm",
    # What two of them do together.
    "interrupts": "include arm hw state gic timer",
}

# What it may call beside that, by the public headers.
MAY_CALL = {
    "calls": "cpu",
    "vm": "stage2",
    "emulate": "inject",
    "run": "inject",
    "gic": "device kick vm",
    "timer": "device kick vm gic",
    "pmu": "device vm guest",
    "answer": "debug inject psci vm",
    "interrupts": "kick",
}

# Of examples/: what a folder may include from, beside itself and the C library's headers. Nothing in
# there stands on src/ or asm/.
EXAMPLES = {
    "bare-metal": "",
    "machine": "bare-metal",
    "guest-kit": "bare-metal",
    "mini-host": "bare-metal machine include",
    "linux": "bare-metal machine include",
}
EXAMPLE_PATHS = ("examples/", "examples/bare-metal/", "examples/bare-metal/libc/",
                 "examples/guest-kit/include/", "examples/mini-host/", "examples/mini-host/platform/",
                 "include/", "src/", "asm/")

# Whose the files of asm/ are: they are reached from C of one folder.
ASM_OF = {"run": "run", "switch": "run", "smc": "hw", "simd": "switch", "sve": "switch",
          "vectors_owned": "cpu", "guard": "run", "at": "switch"}

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
    if of != layer and of not in may_include(layer):
        return f"{layer} must not include {of} ({target})"
    return None


def example_problems(root, files):
    for name in sorted(files):
        if not name.startswith("examples/") or not name.endswith((".c", ".h", ".S", ".inc")):
            continue
        folder = name.split("/")[1]
        if folder not in EXAMPLES:
            yield f"{name}: the folder {folder} is not in EXAMPLES of tests/checks/layering.py"
            continue
        may = {folder, *EXAMPLES[folder].split()}
        text = read(root, name)
        for match in INCLUDE.finditer(text):
            included = match.group(2)
            beside = os.path.normpath(os.path.join(os.path.dirname(name), included))
            found = [path for path in (beside, *(at + included for at in EXAMPLE_PATHS))
                     if path in files]
            whose = {path.split("/")[1 if path.startswith("examples/") else 0] for path in found}
            if found and not whose & may:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: examples/{folder} must not include {found[0]}"


def may_include(folder):
    return MAY_INCLUDE.get(folder, "").split()


def table_problems():
    """Is the table above in the order that it promises?"""
    known = set()
    for folder in MAY_INCLUDE:
        for other in may_include(folder):
            if other not in known:
                yield f"MAY_INCLUDE: {folder} names {other}, which does not stand before it"
        known.add(folder)


def circle_in(graph):
    """A shortest circle of a graph (node -> successors) as a list of nodes, or None."""
    best = None
    for start in sorted(graph):
        before, todo = {start: None}, [start]
        for node in todo:
            for following in sorted(graph.get(node, ())):
                if following == start:
                    way = []
                    while node is not None:
                        way.append(node)
                        node = before[node]
                    if best is None or len(way) < len(best):
                        best = way[::-1]
                    todo.clear()
                    break
                if following not in before:
                    before[following] = node
                    todo.append(following)
    return best


def source_problems(root):
    yield from table_problems()
    files = set(tracked_files(root))
    includes = {}
    for name in sorted(files):
        if not name.endswith((".c", ".h", ".S", ".inc")):
            continue
        layer = layer_of(name)
        if layer is None:
            if name.startswith("src/"):
                yield f"{name} is in no folder of src/"
            continue
        if layer not in MAY_INCLUDE:
            yield f"{name}: the folder {layer} is not in MAY_INCLUDE of tests/checks/layering.py"
            continue
        text = read(root, name)
        for match in INCLUDE.finditer(text):
            problem = check_include(layer, name, match.group(1), match.group(2), files)
            includes.setdefault(name, set()).add(
                resolve(name, match.group(1), match.group(2), files) or "")
            if problem:
                yield f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {problem}"
        if layer != "hw" and not name.endswith(".S"):
            code = NOT_CODE.sub(blank, text)
            for match in ASSEMBLY.finditer(code):
                line = code.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: inline assembly outside src/hw"
    yield from example_problems(root, files)
    circle = circle_in(includes)
    if circle:
        yield "files include each other in a circle: " + " -> ".join(circle + circle[:1])


# ---- Objects ----

# CMake's name of an object: what is beside src/ is behind __ in it.
OBJECT = re.compile(r"/vcpu\.dir/(?:__/)?(.+)\.(?:obj|o)$")


def source_of(path):
    """src/run/exit.c -> run/exit.c, and asm/switch.S, by the name of the object."""
    match = OBJECT.search(os.path.normpath(path))
    if not match:
        sys.exit(f"{path} is no object of the library")
    return match.group(1)


def folder_of(name):
    folder, _, file = name.partition("/")
    return ASM_OF.get(file.removesuffix(".S"), "asm") if folder == "asm" else folder


def calls_of(nm, objects):
    """For each file the names of the library that it needs, each with the file that defines it."""
    owner, needs = {}, {source_of(path): set() for path in objects}
    for line in run(nm, "-A", *objects).splitlines():
        path, entry = line.rsplit(":", 1)
        name, (kind, symbol) = source_of(path), entry.split()[-2:]
        if kind in ("U", "w", "v"):
            needs[name].add(symbol)
        elif kind.isupper():
            if symbol in owner:
                sys.exit(f"{symbol} is defined in {owner[symbol]} and in {name}")
            owner[symbol] = name
    return {name: {symbol: owner[symbol] for symbol in sorted(symbols)
                   if owner.get(symbol, name) != name} for name, symbols in needs.items()}


def described(circle, edge):
    return " -> ".join(f"{node} ({edge(node, following)})" for node, following
                       in zip(circle, circle[1:] + circle[:1])) + f" -> {circle[0]}"


def object_problems(root, nm, objects):
    public = NOT_CODE.sub(blank, "".join(read(root, name) for name in tracked_files(root)
                                         if name.startswith("include/vcpu/")))
    calls = calls_of(nm, objects)
    folders = {}
    for name, needs in calls.items():
        for symbol, target in needs.items():
            one, other = folder_of(name), folder_of(target)
            if one == other:
                continue
            folders.setdefault(one, {}).setdefault(other, f"{name} calls {symbol}")
            if other in may_include(one):
                continue
            if other not in MAY_CALL.get(one, "").split():
                yield f"{name} calls {symbol} of {target}, but {one} must not call {other}"
            elif not re.search(rf"\b{symbol}\b", public):
                yield f"{name} calls {symbol} of {target}, which is no public function"
    circle = circle_in({name: set(needs.values()) for name, needs in calls.items()})
    if circle:
        yield "files call each other in a circle: " + described(
            circle, lambda a, b: next(s for s, target in calls[a].items() if target == b))
    circle = circle_in(folders)
    if circle:
        yield "folders call each other in a circle: " + described(
            circle, lambda a, b: folders[a][b])
    if not folders:
        yield "no object calls another one: is there anything to look at?"


if __name__ == "__main__":
    if len(sys.argv) > 2:
        conclude(list(object_problems(*sys.argv[1:3], sys.argv[3:])),
                 "no circle of calls between files or folders")
    else:
        conclude(list(source_problems(sys.argv[1])),
                 "includes point downward, assembly is in its place")

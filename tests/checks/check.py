# SPDX-License-Identifier: MIT
"""What the checks share: running a tool, the files of the tree, and how a check ends."""

import os
import re
import subprocess
import sys


def run(*command, **options):
    """A tool's output. A tool that fails ends the check with what it said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


MEMBER = re.compile(r"^(\S+):\s+file format ")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")


def disassembly(objdump, archive, *options):
    """The lines of each function's code, as (member of the archive, function, line). A function has
    its name for its first line."""
    member = function = None
    for line in run(objdump, "-d", "--no-show-raw-insn", *options, archive).splitlines():
        if match := MEMBER.match(line):
            member, function = match.group(1), None
        elif match := FUNCTION.match(line):
            function = match.group(1)
        if function is not None:
            yield member, function, line


def symbols(nm, *paths):
    """The global names that objects and archives define, and those that they need and do not define."""
    defined, needed = set(), set()
    for path in paths:
        for line in run(nm, "-g", "-P", "-A", path).splitlines():
            name, kind = line.split(": ")[1].split()[:2]
            (needed if kind in "Uvw" else defined).add(name)
    return defined, needed - defined


COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A prototype or an inline function: its name is the last word in front of the first parenthesis.
PUBLIC = re.compile(r"^(?!#|typedef|enum \w+ \{|struct \w+ \{)([\w \t*]*?)\b(vcpu_\w+)\(", re.MULTILINE)


def public_headers(include):
    """The text of each public header below a folder of headers, without comments, by its name."""
    folder = os.path.join(include, "vcpu")
    return {name: COMMENT.sub("", read(folder, name)) for name in sorted(os.listdir(folder))}


def public_functions(text, static=True):
    """The functions that a header's text declares; with those that every host compiles itself."""
    return {name for before, name in PUBLIC.findall(text) if static or not before.startswith("static")}


def tracked_files(root):
    """Paths under root that belong to the project: git's, or all where there is no git."""
    if os.path.exists(os.path.join(root, ".git")):
        names = run("git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z").split("\0")
        # A file may be tracked and just removed from the work tree.
        found = [name for name in names if name and os.path.isfile(os.path.join(root, name))]
    else:
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [name for name in folders if name not in ("build", ".git")]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names]
    if not found:
        sys.exit(f"{root} holds no file")
    return sorted(found)


def read(root, name):
    """A file's text with its line ends as they are."""
    with open(os.path.join(root, name), encoding="utf-8", newline="") as file:
        return file.read()


def skip(reason):
    """Ends a check that cannot run on this machine. CTest knows the exit status: CMakeLists.txt."""
    print(f"skipped: {reason}")
    sys.exit(77)


def conclude(problems, good):
    """Ends a check: one line for each problem, or one that says what holds."""
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(1)
    print(good)

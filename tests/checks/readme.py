#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples in C of README and docs/ compile as they stand.

    readme.py ROOT COMPILER
"""
import pathlib
import re
import subprocess
import sys
import tempfile

root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2].split()
BLOCK = re.compile(r"^```c\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = {"README.md": 1, "docs/porting.md": 1}

with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "example.c"
    command = [*compiler, "-std=c11", "-ffreestanding", "-Wall", "-Wextra", "-Werror",
               "-Wno-missing-prototypes", f"-I{root / 'include'}", "-c", str(source),
               "-o", str(source.with_suffix(".o"))]
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        name = page.relative_to(root).as_posix()
        blocks = BLOCK.findall(page.read_text())
        if len(blocks) != EXAMPLES.get(name, 0):
            sys.exit(f"readme: {name} has {len(blocks)} C examples, not {EXAMPLES.get(name, 0)}")
        for block in blocks:
            source.write_text(block)
            if subprocess.run(command, check=False).returncode:
                sys.exit(f"readme: an example of {name} does not compile")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""README's example of a host compiles as it stands.

    readme.py ROOT COMPILER
"""
import pathlib
import re
import subprocess
import sys
import tempfile

root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2].split()
blocks = re.findall(r"^```c\n(.*?)^```$", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)
if len(blocks) != 1:
    sys.exit(f"readme: README.md has {len(blocks)} C examples, not 1")
with tempfile.TemporaryDirectory() as folder:
    source = pathlib.Path(folder) / "example.c"
    source.write_text(blocks[0])
    command = [*compiler, "-std=c11", "-ffreestanding", "-Wall", "-Wextra", "-Werror",
               "-Wno-missing-prototypes", f"-I{root / 'include'}", "-c", str(source),
               "-o", str(source.with_suffix(".o"))]
    if subprocess.run(command, check=False).returncode:
        sys.exit("readme: the example does not compile")

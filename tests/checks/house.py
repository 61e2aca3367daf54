#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No room of the house is too large: house.py ROOT

A source file, of the library, the examples or the tests, has no more than 500 lines, and a folder of
the library no more than 2,500. What is larger is more than one subject: split it by that.
"""

import os
import sys

from check import conclude, read, tracked_files

FILE_LINES = 500
FOLDER_LINES = 2500
SOURCES = (".c", ".h", ".S", ".inc", ".py", ".sh", ".cmake")


def problems_of(root):
    folders = {}
    for name in sorted(tracked_files(root)):
        if not name.endswith(SOURCES):
            continue
        lines = read(root, name).count("\n")
        if lines > FILE_LINES:
            yield f"{name} has {lines} lines, the limit is {FILE_LINES}"
        folder = os.path.dirname(name)
        if folder.startswith("src/"):
            folders[folder] = folders.get(folder, 0) + lines
    for folder, lines in sorted(folders.items()):
        if lines > FOLDER_LINES:
            yield f"{folder}/ has {lines} lines, the limit is {FOLDER_LINES}"


if __name__ == "__main__":
    conclude(list(problems_of(sys.argv[1])), "no file and no folder is too large")

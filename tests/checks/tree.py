#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Words that no file of the project holds: tree.py ROOT

Addresses of servers (a machine's package sources are its own affair), paths of one person's
machine, marks of unfinished work, and white space at a line's end.
"""

import re
import sys

from check import conclude, read, tracked_files

RULES = [
    (re.compile(r"\b(?:https?|ftp|git|ssh)://(?!\$)\w"), "an address of a server"),
    (re.compile(r"\b(?:deb|security|registry|pypi|proxy|mirrors?|packages?|archive|ftp)"
                r"(?:\.[a-z0-9-]+)*\.(?:org|io|com|net|dev)\b", re.IGNORECASE),
     "the name of a package server"),
    (re.compile(r"(?<![\w.$}])/(?:work|root|home|tmp|Users)/\w"), "a path of one machine"),
    (re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b"), "a mark of unfinished work"),
    (re.compile(r"[ \t]+$"), "white space at the line's end"),
    (re.compile(r"\r"), "a carriage return"),
]


def problems_of(root):
    for name in tracked_files(root):
        try:
            text = read(root, name)
        except UnicodeDecodeError:
            yield f"{name}: not UTF-8 text"
            continue
        for number, line in enumerate(text.split("\n"), 1):
            for pattern, what in RULES:
                if pattern.search(line):
                    yield f"{name}:{number}: {what}"
        if text and not text.endswith("\n"):
            yield f"{name}: no newline at the end"


if __name__ == "__main__":
    conclude(list(problems_of(sys.argv[1])), "no forbidden word in the tree")

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The archive's text, read-only data with it, stays small: size.py SIZE ARCHIVE LIMIT"""

import sys

from check import conclude, run


def text_of(size, archive):
    """Bytes of code and read-only data of all members: the first column of Berkeley format."""
    rows = run(size, "--format=berkeley", archive).splitlines()[1:]
    return sum(int(row.split()[0]) for row in rows)


if __name__ == "__main__":
    SIZE, ARCHIVE, LIMIT = sys.argv[1], sys.argv[2], int(sys.argv[3])
    TEXT = text_of(SIZE, ARCHIVE)
    PROBLEMS = [f"text is {TEXT} bytes, the limit is {LIMIT}"] if TEXT >= LIMIT else []
    if TEXT == 0:
        PROBLEMS = [f"{ARCHIVE} holds no text"]
    conclude(PROBLEMS, f"text is {TEXT} bytes of {LIMIT}")

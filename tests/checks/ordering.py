#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each atomic operation of src/ is in docs/ordering.md, in its order: ordering.py ROOT

A row of that page is a word and a file, with all orders in which the file accesses the word. So an
order that changes is looked at once more, together with what it pairs with.
"""

import re
import sys

from check import conclude, read, tracked_files

OPERATION = re.compile(r"\b(atomic_\w+|__atomic_\w+)\s*\(")
# <stdatomic.h>'s functions without _explicit are sequentially consistent.
ORDER = re.compile(r"memory_order_(\w+)|__ATOMIC_(\w+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Local pointers to a word.
POINTERS = {"cpu/fit.c": {"place": "fit"}, "stage2/vmid.c": {"word": "used"}}
ROW = re.compile(r"^\| (\w+) \| (\S+) \| ([^|]+) \| [^|]*\S[^|]* \|$", re.MULTILINE)


def arguments(text, start):
    """The text between the parentheses of a call, from behind the first one."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    return text[start:]


def word_of(operation, given, name):
    """The name of the word: the last one of the first argument, without indices and arguments."""
    if operation == "atomic_thread_fence":
        return "fence"
    plain = re.sub(r"\[[^\]]*\]|\([^()]*\)", "", given)
    word = re.findall(r"\w+", plain.split(",")[0])[-1]
    return POINTERS.get(name, {}).get(word, word)


def operations(text, name):
    """(word, order) of each operation; a compare-and-swap has two orders: a/b."""
    text = COMMENT.sub("", text)
    for match in OPERATION.finditer(text):
        given = arguments(text, match.end())
        orders = [(a or b).lower() for a, b in ORDER.findall(given)]
        if match.group(1) == "atomic_init":
            orders = ["init"]
        yield word_of(match.group(1), given, name), "/".join(orders) or "seq_cst"


def found(root):
    rows = {}
    for path in tracked_files(root):
        if path.startswith("src/") and path.endswith((".c", ".h")):
            name = path[len("src/"):]
            for word, order in operations(read(root, path), name):
                rows.setdefault((word, name), set()).add(order)
    return rows


def listed(page):
    return {(word, name): set(orders.strip().split(", ")) for word, name, orders in
            ROW.findall(page) if word != "word"}


def problems(root):
    there, told = found(root), listed(read(root, "docs/ordering.md"))
    for row in sorted(there.keys() | told.keys()):
        have, say = sorted(there.get(row, ())), sorted(told.get(row, ()))
        if have != say:
            yield (f"src/{row[1]}: {row[0]} is accessed as {', '.join(have) or 'nothing'}, "
                   f"docs/ordering.md says {', '.join(say) or 'nothing'}")
    if len(there) < 10:
        yield f"only {len(there)} words and files were found"


if __name__ == "__main__":
    conclude([*problems(sys.argv[1])], "docs/ordering.md has each atomic of src/ in its order")

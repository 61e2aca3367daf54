#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/calls.md names every function and every hook of the headers, and nothing else.

    calls_page.py ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# A prototype or an inline function: its name is the last word in front of the first parenthesis.
FUNCTION = re.compile(r"^(?!#|typedef|enum \w+ \{|struct \w+ \{)[\w \t*]*?\b(vcpu_\w+)\(", re.MULTILINE)
HOOK = re.compile(r"\(\*(\w+)\)\(")

functions, hooks = set(), set()
for header in (root / "include/vcpu").glob("*.h"):
    text = COMMENT.sub("", header.read_text())
    hooks |= set(HOOK.findall(text))
    functions |= set(FUNCTION.findall(text))

page = (root / "docs/calls.md").read_text()
rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")
        or line.startswith("| a device")]
named = set(re.findall(r"`(\w+)`", " ".join(rows)))
# "`vcpu_complete_call` and their `_any`".
if "_any" in named:
    named.remove("_any")
    named |= {name for name in functions if name.endswith("_any")}

problems = [f"docs/calls.md says nothing of {name}" for name in sorted((functions | hooks) - named)]
problems += [f"docs/calls.md has {name}, which no header has" for name in sorted(named - functions - hooks)]
if len(functions) < 100 or len(hooks) < 15:
    problems.append("the headers were not understood")
sys.exit("\n".join(problems) or 0)

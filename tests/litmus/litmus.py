#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Memory ordering, by the architecture's model: litmus.py classic | orderings | SUBJECT

classic: the model gives the classical litmus tests their known verdicts.
SUBJECT: a file of protocols/. No bad outcome of its programs is allowed, and a good one is. Then each
ordering (barrier, acquire, release, or order of two steps) is taken out, alone: the bad outcome is
allowed without those that the program says it needs, and without no other. A read-modify-write is a pair
of exclusives once, and an LSE instruction once.
orderings: each ordering is needed by some program, or `SUPERFLUOUS` says why the code has it.
"""

import sys

import classic
import protocols
from program import RMW


def verdict(program, without=frozenset()):
    """The kinds of read-modify-write with which the bad outcome is allowed."""
    return [rmw for rmw in RMW if program.allows(program.bad, without, rmw)]


def program_problems(program):
    allowed = verdict(program)
    print(f"{program.name}: {'allowed' if allowed else 'forbidden'}")
    if allowed:
        yield f"{program.name}: the bad outcome is allowed ({', '.join(allowed)})"
    if program.good and not all(program.allows(program.good, rmw=rmw) for rmw in RMW):
        yield f"{program.name}: the good outcome is not allowed, so the program shows nothing"
    orderings = program.orderings()
    for name in sorted(program.needs.difference(orderings)):
        yield f"{program.name}: it has no ordering named {name}"
    for name in orderings:
        allowed = verdict(program, frozenset({name}))
        if allowed:
            print(f"    without {name}: allowed ({', '.join(allowed)})")
        if allowed and name not in program.needs:
            yield f"{program.name}: it needs {name}, and does not say so"
        if not allowed and name in program.needs:
            yield f"{program.name}: it does not need {name}"


def ordering_problems():
    programs = [program for subject in protocols.SUBJECTS
                for program in protocols.programs(subject)]
    have = set().union(*(program.orderings() for program in programs))
    needed = set().union(*(program.needs for program in programs))
    for name in sorted(have - needed - set(protocols.SUPERFLUOUS)):
        yield f"no program needs {name}, and SUPERFLUOUS does not say why it is there"
    for name in sorted(set(protocols.SUPERFLUOUS) - (have - needed)):
        yield f"{name} is not superfluous, or no program has it"
    for name in sorted(set(protocols.SUPERFLUOUS) & have):
        print(f"superfluous: {name}: {protocols.SUPERFLUOUS[name]}")


def problems_of(what):
    if what == "classic":
        yield from classic.problems()
        print(f"{len(classic.TESTS)} classical tests")
    elif what == "orderings":
        yield from ordering_problems()
    else:
        for program in protocols.programs(what):
            yield from program_problems(program)


if __name__ == "__main__":
    PROBLEMS = list(problems_of(sys.argv[1]))
    print(*PROBLEMS, sep="\n", end="\n" if PROBLEMS else "")
    sys.exit(1 if PROBLEMS else 0)

# SPDX-License-Identifier: MIT
"""Litmus programs: threads written as Python functions, and whether an outcome is allowed.

A thread is a function of a Thread, whose methods are the accesses and barriers. It is run again and
again, with each value that each of its reads could see. A value remembers from which reads it comes;
so `if`, an address, or a stored value give the dependencies that the machine's instructions have.

Each ordering (a barrier, an acquire, a release) may have a name. `Program.allows` can leave out those
that are named, which shows what they are for. A loop that waits is only its last turn: the turns
before it read, and change nothing.
"""

from dataclasses import dataclass, field

from model import Event, Executions, thread_order

RMW = ("exclusive", "lse")


class Impossible(Exception):
    """This way through a thread does not happen."""


class Undecided(Exception):
    """The outcome depends on the final memory, which is not known yet."""


class Value:
    """A number, and the reads of its thread from which it was made."""

    def __init__(self, thread, number, reads=frozenset()):
        self.thread, self.number, self.reads = thread, number, reads

    def _with(self, other, number):
        return Value(self.thread, number, self.reads | getattr(other, "reads", frozenset()))

    def __and__(self, other):
        return self._with(other, self.number & int(other))

    def __or__(self, other):
        return self._with(other, self.number | int(other))

    def __xor__(self, other):
        return self._with(other, self.number ^ int(other))

    def __add__(self, other):
        return self._with(other, self.number + int(other))

    def __sub__(self, other):
        return self._with(other, self.number - int(other))

    def __eq__(self, other):
        return self._with(other, int(self.number == int(other)))

    def __ne__(self, other):
        return self._with(other, int(self.number != int(other)))

    __hash__ = None

    def __int__(self):
        return self.number

    def __bool__(self):
        """A branch: all that comes later depends on it."""
        self.thread.control |= self.reads
        return bool(self.number)


class Thread:
    """One way through a thread: the values of its reads and its choices are given."""

    def __init__(self, values, domains, without, rmw):
        self.values, self.domains = values, domains
        self.without, self.kind = without, rmw
        self.events, self.control = [], frozenset()
        self.names, self.steps = set(), set()
        self.code = [(None, [])]  # functions, one after another, and the ordering instructions there
        self.taken = 0
        self.options = None  # of the first choice that has no value

    # ---- Choices ----

    def _choose(self, options):
        if self.taken == len(self.values):
            self.options = options
            raise Impossible
        self.taken += 1
        return self.values[self.taken - 1]

    def choice(self, count):
        """What the program does not decide: 0 to count - 1."""
        return self._choose(range(count))

    def assume(self, condition):
        """A way that does not happen, or a turn of a loop that is not the last."""
        if not condition:
            raise Impossible

    # ---- Orderings, and which function of the library has them ----

    def at(self, function):
        """What follows is in this function: `file:name` below src/, or None for the host's code."""
        self.code.append((function, []))

    def step(self, name):
        """Is a step there that is no barrier, such as an order of two stores?"""
        self.steps.add(name)
        return self._on(name)

    def _on(self, ordering):
        if isinstance(ordering, str):
            self.names.add(ordering)
            return ordering not in self.without
        return bool(ordering)

    def _note(self, *instructions):
        self.code[-1][1].extend(name for name in instructions if name)

    # ---- Accesses ----

    def _event(self, kind, location, **more):
        self.events.append(Event(kind, location, control=self.control, **more))
        return len(self.events) - 1

    def _read(self, location, order, addr, **more):
        number = self._choose(self.domains.setdefault(location, {0}))
        at = self._event("R", location, value=number, order=order,
                         address=getattr(addr, "reads", frozenset()), **more)
        return Value(self, number, frozenset({at}))

    def _write(self, location, value, order, addr, **more):
        self._event("W", location, value=int(value), order=order,
                    address=getattr(addr, "reads", frozenset()),
                    data=getattr(value, "reads", frozenset()), **more)

    def load(self, location, acquire=False, acquire_pc=False, addr=None):
        """LDR, LDAR or LDAPR. addr: a value that the address was made from."""
        order = "A" if self._on(acquire) else "Q" if self._on(acquire_pc) else ""
        self._note("ldar" if acquire else "ldapr" if acquire_pc else "")
        return self._read(location, order, addr)

    def store(self, location, value, release=False, addr=None):
        """STR or STLR."""
        self._note("stlr" if release else "")
        self._write(location, value, "L" if self._on(release) else "", addr)

    def wait_for(self, location, value, acquire=False):
        """The last turn of a loop that waits for the value."""
        self.assume(self.load(location, acquire) == value)

    def rmw(self, location, function, acquire=False, release=False, addr=None, used=True):
        """A read-modify-write; returns the old value. used: whether the program looks at it."""
        self._note("ldaxr" if acquire else "ldxr", "stlxr" if release else "stxr")
        lse = self.kind == "lse"
        order = "A" if self._on(acquire) else ""
        old = self._read(location, order, addr, no_return=lse and not used and not order, lse=lse)
        self._write(location, function(old), "L" if self._on(release) else "", addr, lse=lse,
                    read=len(self.events) - 1)
        return old

    def swap(self, location, expected, new, acquire=False, release=False):
        """A compare-and-swap loop's last turn: `expected` was there."""
        self._note("ldaxr" if acquire else "ldxr", "stlxr" if release else "stxr")
        lse = self.kind == "lse"
        old = self._read(location, "A" if self._on(acquire) else "", None, lse=lse)
        self.assume(old == expected)
        self._write(location, new, "L" if self._on(release) else "", None, lse=lse,
                    read=len(self.events) - 1)

    def fence(self, which, name=True):
        """dmb ish, dmb ishld, dsb ish, dsb ishst, isb, ..."""
        self._note(which)
        if self._on(name):
            self._event("F", "", order=which)

    # ---- Interrupts and TLB maintenance: see model.py ----

    def system_write(self, location, value):
        self._event("W", location, value=value, special="sys")

    def send_sgi(self, cpu):
        self.system_write(f"irq:{cpu}", 1)

    def _take(self, cpu, special):
        location = f"irq:{cpu}"
        self.assume(int(self._read(location, "", None, special=special)) == 1)
        self._event("W", location, value=0, special=special, read=len(self.events) - 1)

    def take_irq(self, cpu):
        """The interrupt is taken as an exception."""
        self._take(cpu, "irq")

    def acknowledge(self, cpu):
        """The interrupt is acknowledged without having been taken: the host looks for it."""
        self._take(cpu, "sys")


class Trace:
    """A way through a thread with its values."""

    def __init__(self, events, result):
        self.events, self.result = events, result
        self.order = thread_order(events)
        self.places = {}  # of the accesses of each location
        for i, event in enumerate(events):
            if event.kind != "F":
                self.places.setdefault(event.location, []).append(i)
        self.reads = {(e.location, e.value) for e in events if e.kind == "R"}
        self.writes = {(e.location, e.value) for e in events if e.kind == "W"}


class Outcome:
    """What a program can ask of an execution: registers by name, and memory at the end."""

    def __init__(self, results, memory=None):
        self._results, self._memory = results, memory

    def __getattr__(self, name):
        return self._results[name]

    def __getitem__(self, location):
        if self._memory is None:
            raise Undecided
        return self._memory[location]


def _may_be(condition, outcome):
    try:
        return bool(condition(outcome))
    except Undecided:
        return True


@dataclass
class Program:
    """A protocol: its threads, and what must not and what must be able to come out.

    needs: the orderings without which the bad outcome is allowed, each alone.
    most: no value gets higher than this; so a counter's values are not guessed too high."""

    name: str
    threads: tuple
    bad: object
    good: object
    initial: dict = field(default_factory=dict)
    needs: set = field(default_factory=set)
    most: int = 1 << 16

    def __post_init__(self):
        self._known = {}  # domains, by the steps that are left out

    def _ways(self, function, domains, without, rmw):
        """Each way through a thread, as the thread and its result; None if it is not a whole one."""
        todo = [()]
        while todo:
            values = todo.pop()
            thread = Thread(values, domains, without, rmw)
            try:
                result = function(thread) or {}
            except Impossible:
                if thread.options is not None:
                    todo += [(*values, value) for value in thread.options]
                yield thread, None
                continue
            yield thread, {name: int(value) for name, value in result.items()}

    def _domains(self, without):
        """The values that each location can have. A value has come through one write after another,
        and each write happens once."""
        if without in self._known:
            return self._known[without]
        domains = {name: {value} for name, value in self.initial.items()}
        turn, turns = 0, 1
        while turn <= turns:
            before = {name: set(values) for name, values in domains.items()}
            turn, turns = turn + 1, 0
            for function in self.threads:
                writes = 0
                for thread, _ in self._ways(function, domains, without, "exclusive"):
                    done = [event for event in thread.events if event.kind == "W"]
                    writes = max(writes, len(done))
                    for event in (event for event in done if event.value <= self.most):
                        known = domains.get(event.location, {0})
                        domains[event.location] = known | {event.value}
                turns += writes
            if before == domains:
                break
        self._known[without] = domains
        return domains

    def _traces(self, without, rmw):
        domains = self._domains(without & self.steps())
        return [[Trace(thread.events, result)
                 for thread, result in self._ways(function, domains, without, rmw)
                 if result is not None] for function in self.threads], domains

    def _together(self, traces, initial):
        """Each choice of a trace for each thread in which what is read is also written."""
        bits = {}
        for write in initial.items():
            bits.setdefault(write, len(bits))
        for trace in (trace for each in traces for trace in each):
            for pair in (*trace.reads, *trace.writes):
                bits.setdefault(pair, len(bits))
        first = sum(1 << bits[write] for write in initial.items())
        masks = [[(trace, sum(1 << bits[pair] for pair in trace.reads),
                   sum(1 << bits[pair] for pair in trace.writes)) for trace in each]
                 for each in traces]

        def join(number, chosen, reads, writes):
            if number == len(masks):
                if not reads & ~writes:
                    yield chosen
                return
            last = number + 1 == len(masks)
            for trace, r, w in masks[number]:
                if not (last and (reads | r) & ~(writes | w)):
                    yield from join(number + 1, (*chosen, trace), reads | r, writes | w)

        yield from join(0, (), 0, first)

    def allows(self, condition, without=frozenset(), rmw="exclusive"):
        """Does an allowed execution end so?"""
        traces, domains = self._traces(without, rmw)
        initial = {name: self.initial.get(name, 0) for name in sorted(domains)}
        executions = Executions(initial)
        for choice in self._together(traces, initial):
            results = {name: value for trace in choice for name, value in trace.result.items()}
            if _may_be(condition, Outcome(results)) and \
                    executions.exists(choice, lambda memory, of=results:
                                      condition(Outcome(of, memory))):
                return True
        return False

    def _seen(self):
        """All ways of all threads, with what they met."""
        domains = self._domains(frozenset())
        for function in self.threads:
            for thread, _ in self._ways(function, domains, frozenset(), "exclusive"):
                yield thread

    def steps(self):
        if "steps" not in self._known:
            self._known["steps"] = frozenset().union(*(thread.steps for thread in self._seen()))
        return self._known["steps"]

    def orderings(self):
        return sorted(set().union(*(thread.names for thread in self._seen())))

    def code(self):
        """The rows of ordering instructions that the program assumes in functions of the library."""
        return {(function, tuple(row)) for thread in self._seen() for function, row in thread.code
                if function and row}

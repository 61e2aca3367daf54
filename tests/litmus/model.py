# SPDX-License-Identifier: MIT
"""The memory model of the Arm ARM (part B2, "Armv8 memory model"), for small programs.

An execution is the events of each thread in program order (po), and two choices: from which write
each read takes its value (reads-from, rf), and for each location an order of its writes (coherence
order, co). A read comes before the writes that are later in co than its own (from-reads, fr). The
execution is allowed if

 - internal: at each location po, rf, co and fr have no cycle together;
 - atomic: no other write is in co between the one that a read-modify-write read and its own;
 - external: ordered-before (ob) has no cycle. ob is rf, co and fr between different threads, and what
   a thread keeps in order by itself: dependencies, acquire, release, barriers, context
   synchronization, a later write to the same location (`thread_order`).

Not only memory has order. Of the rest a program here can have

 - SYS events: an SGI (a write of ICC_SGI1R_EL1), the acknowledge of an interrupt (a read of
   ICC_IAR1_EL1), TLB maintenance. Only a DSB orders them with what is before or after.
 - IRQ events: the PE takes the interrupt as an exception. That is a context synchronization event:
   all later instructions are after it. Nothing orders earlier accesses before it.

An interrupt that is pending is a location: an SGI writes 1, an IRQ or an acknowledge reads 1 and
writes 0 in one step. So an interrupt is taken after it was sent, and once; two that are not taken yet
are one.

All threads are in one Inner Shareable domain, all memory is Normal write-back.
"""

from dataclasses import dataclass, field
from itertools import permutations


@dataclass
class Event:
    """One access, barrier or SYS event. Numbers of other events are positions in the same thread."""

    kind: str  # R, W, F (a barrier)
    location: str = ""
    value: int = 0
    order: str = ""  # R: A (LDAR, LDAXR), Q (LDAPR); W: L; F: dmb ish, dsb ishst, isb, ...
    special: str = ""  # sys, irq: see above
    no_return: bool = False  # the read of an LSE store (STSET): no DMB LD waits for it
    read: int = -1  # W: the read of the same read-modify-write
    lse: bool = False  # of an atomic instruction, not of a pair of exclusives
    address: frozenset = field(default_factory=frozenset)  # reads that it depends on
    data: frozenset = field(default_factory=frozenset)
    control: frozenset = field(default_factory=frozenset)

    def is_memory(self):
        return self.kind in "RW" and not self.special


def _barrier_orders(barrier, first, last):
    """Does a DMB or DSB between them order the two? A DSB is a DMB, and completes what is before."""
    name, domain = barrier.split()
    if first.kind == "F" or last.kind == "F":
        return False
    if name == "dsb" and (first.special or last.special):
        if domain in ("ishst", "ishld"):
            return first.is_memory() and first.kind == ("W" if domain == "ishst" else "R")
        return domain in ("ish", "sy")
    if not (first.is_memory() and last.is_memory()):
        return False
    if domain == "ishst":
        return first.kind == last.kind == "W"
    if domain == "ishld":
        return first.kind == "R" and not first.no_return
    return True


def _by_barriers(events, successors):
    for middle, barrier in enumerate(events):
        if barrier.kind != "F" or barrier.order == "isb":
            continue
        for i in range(middle):
            for j in range(middle + 1, len(events)):
                if _barrier_orders(barrier.order, events[i], events[j]):
                    successors[i] |= 1 << j


def _synchronized(events, i):
    """The ISB that must wait for read i; len(events) if there is none. An IRQ waits as well, but by
    the rules of writes: it has one."""
    for at in range(i + 1, len(events)):
        event = events[at]
        if event.order != "isb":
            continue
        if i in event.control or any(i in e.address for e in events[i + 1:at]):
            return at
    return len(events)


def thread_order(events):
    """What one thread keeps in order, whoever it reads from: for each event the bits of later ones."""
    n = len(events)
    successors = [0] * n
    _by_barriers(events, successors)
    for i, first in enumerate(events):
        if first.kind == "F":
            continue
        synchronized = _synchronized(events, i)
        for j in range(i + 1, n):
            last = events[j]
            if last.kind == "F":
                continue
            # A later write to the same place; that of a read-modify-write, for one.
            local = last.kind == "W" and last.location == first.location
            depends = i in last.address or i in last.data
            if last.kind == "W":
                depends |= i in last.control
                depends |= any(i in e.address for e in events[i + 1:j] if e.kind != "F")
            memory = first.is_memory() and last.is_memory()
            acquire = memory and first.order in ("A", "Q") and first.kind == "R"
            release = memory and last.order == "L"
            both = memory and first.order == "L" and last.order == "A"
            # An atomic instruction with both is in order, its write too, with all that is later.
            both |= (memory and first.order == "L" and first.lse and
                     events[first.read].order == "A")
            if (local or depends or acquire or release or both or j > synchronized or
                    first.special == "irq"):
                successors[i] |= 1 << j
    return successors


def _acyclic(successors):
    """Takes away, again and again, what has no successor left."""
    left = (1 << len(successors)) - 1
    while left:
        done = 0
        rest = left
        while rest:
            bit = rest & -rest
            rest ^= bit
            if not successors[bit.bit_length() - 1] & left:
                done |= bit
        if not done:
            return False
        left &= ~done
    return True


@dataclass
class Way:
    """How the accesses of one location can be related. An access is named (thread, n-th there)."""

    external: list  # edges of ob between threads
    internal: list  # edges inside a thread: (None for the write itself, or what it depends on)
    final: int


class Location:
    """The accesses of one location: for each thread its events there, in program order. Thread -1 has
    the initial write."""

    def __init__(self, initial, threads):
        self.events = {(-1, 0): Event("W", value=initial)}
        for thread, events in enumerate(threads):
            self.events.update({(thread, n): event for n, event in enumerate(events)})
        self.reads = [at for at, event in self.events.items() if event.kind == "R"]
        self.writes = [at for at, event in self.events.items() if event.kind == "W"]

    def _sources(self, reads):
        """Each way to give each read a write of its value."""
        if not reads:
            yield {}
            return
        first = reads[0]
        for at in self.writes:
            if self.events[at].value != self.events[first].value:
                continue
            if at[0] == first[0] and at[1] > first[1]:
                continue
            for rest in self._sources(reads[1:]):
                yield {first: at, **rest}

    def _orders(self, sources):
        """Each coherence order in which a read-modify-write is next to what it read."""
        follower = {}
        for at in self.writes:
            if self.events[at].read >= 0:
                source = sources[at[0], at[1] - 1]  # its read is just before it
                if source in follower:
                    return
                follower[source] = at
        chains = []
        followers = set(follower.values())
        for at in self.writes:
            if at not in followers:
                chain = [at]
                while chain[-1] in follower:
                    chain.append(follower[chain[-1]])
                chains.append(chain)
        if sum(map(len, chains)) != len(self.writes):
            return  # a ring of read-modify-writes
        for rest in permutations(chains[1:]):
            yield [at for chain in (chains[0], *rest) for at in chain]

    def ways(self):
        for sources in self._sources(self.reads):
            for order in self._orders(sources):
                rank = {at: i for i, at in enumerate(order)}
                edges = [(a, b) for i, a in enumerate(order) for b in order[i + 1:]]
                for read, write in sources.items():
                    edges.append((write, read))
                    edges += [(read, at) for at in order[rank[write] + 1:]]
                if self._internal(edges):
                    yield Way([(a, b) for a, b in edges if a[0] != b[0] and a[0] >= 0],
                              [(write, read) for read, write in sources.items()
                               if read[0] == write[0]], self.events[order[-1]].value)

    def _internal(self, edges):
        """No cycle of po, rf, co and fr."""
        place = {at: i for i, at in enumerate(self.events)}
        successors = [0] * len(place)
        for a, b in edges:
            if a != b:
                successors[place[a]] |= 1 << place[b]
        for a in place:
            for b in place:
                if a[0] == b[0] and a[1] < b[1]:
                    successors[place[a]] |= 1 << place[b]
        return _acyclic(successors)


def _forwarded(events, write, read):
    """A read from the same thread's write comes after what that write depends on. If the write is a
    read-modify-write's, an acquire comes after its read."""
    yield from events[write].address | events[write].data
    if events[write].read >= 0 and events[read].order in ("A", "Q"):
        yield events[write].read


class Executions:
    """The executions of a program whose memory is `initial` at first. It remembers how accesses to one
    location can be related, because many traces have the same ones."""

    def __init__(self, initial):
        self.initial = initial
        self._ways = {}

    def _ways_of(self, name, traces):
        accesses = [[trace.events[i] for i in trace.places.get(name, ())] for trace in traces]
        key = (name, *(tuple((e.kind, e.value, e.read >= 0) for e in each) for each in accesses))
        if key not in self._ways:
            self._ways[key] = list(Location(self.initial[name], accesses).ways())
        return self._ways[key]

    def exists(self, traces, wanted):
        """Is there an allowed execution of these traces whose final memory is wanted?"""
        ways = {}
        for name in self.initial:
            ways[name] = self._ways_of(name, traces)
            if not ways[name]:
                return False
        bases, successors = [], []
        for trace in traces:
            bases.append(len(successors))
            successors += [bits << bases[-1] for bits in trace.order]
        return self._search(list(ways.items()), traces, bases, successors, {}, wanted)

    def _search(self, ways, traces, bases, successors, memory, wanted):
        if not _acyclic(successors):
            return False
        if not ways:
            return wanted(memory)
        name, choices = ways[0]
        for way in choices:
            more = list(successors)
            for (thread, n), (other, m) in way.external:
                to = bases[other] + traces[other].places[name][m]
                more[bases[thread] + traces[thread].places[name][n]] |= 1 << to
            for (thread, n), (_, m) in way.internal:
                places = traces[thread].places[name]
                for source in _forwarded(traces[thread].events, places[n], places[m]):
                    more[bases[thread] + source] |= 1 << (bases[thread] + places[m])
            if self._search(ways[1:], traces, bases, more, {**memory, name: way.final}, wanted):
                return True
        return False

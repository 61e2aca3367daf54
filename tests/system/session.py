# SPDX-License-Identifier: MIT
"""A program in a terminal, as a person sits before it: wait for text, type, look at the answer."""

import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable-next=wrong-import-position
from clock import Clock

# Terminal control sequences, which a shell's line editor writes and no test looks at.
CONTROL = re.compile(r"\x1b\[[0-9;?=]*[A-Za-z]")
BEGUN = re.compile(r"\r?(\x1b(\[[0-9;?=]*)?)?\Z")  # of which the rest may be still to come
ERASE_LINE = "\r\x1b[K"  # the mini-host makes way for another guest's line: taken for its end


class Failure(Exception):
    """What the person would complain about."""


def demand(condition, complaint):
    if not condition:
        raise Failure(complaint)


def machine(cpu):
    """run.sh's options for a CPU: its name, with "-vhe" behind it for a VHE host, or "-harden"."""
    name = cpu.removesuffix("-vhe").removesuffix("-harden")
    return ["--cpu", name] + ["--vhe"] * cpu.endswith("-vhe") + ["--harden"] * ("-harden" in cpu)


class Session:
    """
    Runs a command with a terminal of its own, until it ends or `with` does. Seconds are those of
    its own clock, which is slow on a busy machine.
    """

    def __init__(self, command, limit):
        """limit: seconds for everything, from now on."""
        self.seen = ""  # all of the program's output
        self.at = 0  # what lies before was looked at already
        self.begun = ""
        self.terminal, other = pty.openpty()
        self.settings = termios.tcgetattr(self.terminal)
        # A group of its own, so that close() reaches QEMU behind a shell script as well.
        # pylint: disable=consider-using-with
        self.program = subprocess.Popen(command, stdin=other, stdout=other, stderr=other,
                                        start_new_session=True)
        self.clock = Clock(self.program.pid)
        self.deadline = limit
        os.close(other)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program.poll() is None:
            os.killpg(self.program.pid, signal.SIGKILL)
            self.program.wait()
        os.close(self.terminal)

    def read(self, until):
        """Takes what the program writes. False if it has ended, or the time has come."""
        ready = False
        while not ready:
            if self.clock.now() >= until:
                return False
            ready, _, _ = select.select([self.terminal], [], [], 0.5)
        try:
            data = os.read(self.terminal, 65536)
        except OSError:  # Linux: the other side is closed
            data = b""
        text = self.begun + data.decode("utf-8", "replace")
        self.begun = BEGUN.search(text).group() if data else ""
        text = text[:len(text) - len(self.begun)].replace(ERASE_LINE, "\n").replace("\r", "")
        self.seen += CONTROL.sub("", text)
        return bool(data)

    def expect(self, pattern, seconds):
        """Waits for a regular expression in what was not looked at yet; returns the match."""
        until = min(self.deadline, self.clock.now() + seconds)
        expression = re.compile(pattern, re.MULTILINE)
        while True:
            match = expression.search(self.seen, self.at)
            if match:
                self.at = match.end()
                return match
            if not self.read(until):
                why = "it ended" if self.clock.now() < until else f"{seconds} s passed"
                raise Failure(f"waited for {pattern!r}, but {why}")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def end(self, seconds):
        """
        Waits for the program's end and returns its exit status. It has to leave the terminal as it
        found it.
        """
        until = min(self.deadline, self.clock.now() + seconds)
        while self.read(until):
            pass
        while True:
            try:
                status = self.program.wait(1)
                break
            except subprocess.TimeoutExpired:
                if self.clock.now() >= until:
                    raise Failure(f"it did not end within {seconds} s") from None
        demand(termios.tcgetattr(self.terminal) == self.settings,
               "the terminal's settings are not as before")
        return status


@contextlib.contextmanager
def verdict():
    """Around a whole test: it exits with 1 and the complaint if there is one."""
    try:
        yield
    except Failure as failure:
        print(f"FAILED: {failure}")
        sys.exit(1)
    print("passed")


def play(command, limit, scene):
    """Runs scene(session) and exits: 0, or 1 with the complaint and all that was on the screen."""
    with verdict(), Session(command, limit) as session:
        try:
            scene(session)
            is_vhe = bool(re.search(r"^host: VHE$", session.seen, re.MULTILINE))
            demand(is_vhe == bool(re.search(r"--vhe|\bhost=vhe\b", " ".join(command))),
                   "not the kind of host that was asked for")
        except Failure:
            print(f"{session.seen}\n-----\ncommand: {' '.join(command)}")
            raise

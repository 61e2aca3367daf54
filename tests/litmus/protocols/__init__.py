# SPDX-License-Identifier: MIT
"""The library's lock-free protocols as litmus programs, a file a subject."""

import importlib

from .parts import SUPERFLUOUS

SUBJECTS = ("kick", "lines", "gic", "power", "vmid")


def programs(subject):
    return importlib.import_module(f"protocols.{subject}").PROGRAMS

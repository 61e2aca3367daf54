#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's firmware as a guest, at its prompt: firmware.py RUN_SH BUILD u-boot|uefi GIC CPU"""

import sys

from session import demand, machine, play

SECONDS = 60  # for one command, on a slow and busy machine


def u_boot(session):
    """To the prompt; commands; the environment, which is in flash, over a reset; power off."""
    prompt = r"^=> "

    def command(text, *patterns):
        session.type(f"{text}\n")
        for pattern in patterns:
            session.expect(pattern, SECONDS)
        session.expect(prompt, SECONDS)

    def stop_autoboot():
        session.expect(r"^U-Boot 20\d\d\.\d\d", SECONDS)
        session.expect(r"^DRAM: +512 MiB$", SECONDS)
        session.expect(r"^Flash: 64 MiB$", SECONDS)
        environment = session.expect(r"^Loading Environment from Flash\.\.\. (.+)\n", SECONDS)
        session.expect(r"^Hit any key to stop autoboot", SECONDS)
        session.type(" ")
        session.expect(prompt, SECONDS)
        return environment.group(1)

    # Erased flash is no environment.
    demand("bad CRC" in stop_autoboot(), "U-Boot found an environment that nobody saved")
    command("version", r"^U-Boot 20\d\d\.\d\d")
    command("bdinfo", r"^-> start    = 0x0000000040000000$", r"^-> size     = 0x0000000020000000$")
    # Bank 0 is memory that is only read: with the firmware, and erased behind it.
    command("md.l 0x3fffff0 4", r"^03fffff0: ffffffff ffffffff ffffffff ffffffff ")
    command("setenv colour red$empty; saveenv", r"^Erasing Flash", r"^Writing to Flash\.* *done$",
            r"^OK$")
    session.type("reset\n")
    session.expect(r"^mini-host: vm1 resets$", SECONDS)
    demand(stop_autoboot() == "OK", "the environment is not as it was saved")
    command("printenv colour", r"^colour=red$")
    session.type("poweroff\n")


def uefi(session):
    """To the shell of EDK II; commands; a variable in flash, over a reset; power off."""
    prompt = r"Shell> "

    def enter_shell():
        session.expect(r"UEFI Interactive Shell v2", 2 * SECONDS)
        session.expect(r"Press ESC in \d seconds to skip", SECONDS)
        session.type("\x1b")
        session.expect(prompt, SECONDS)

    def command(text, *patterns):
        session.type(f"{text}\r")
        for pattern in patterns:
            session.expect(pattern, SECONDS)
        session.expect(prompt, SECONDS)

    guid = "12345678-9abc-4def-8123-456789abcdef"
    enter_shell()
    command("ver", r"UEFI v2\.\d+ \([^)]*EDK II")
    command("memmap", r"^Total Memory: +512 MB ")
    command(f"setvar colour -guid {guid} -nv -bs =0x0badcafe")
    session.type("reset\r")
    session.expect(r"^mini-host: vm1 resets$", SECONDS)
    enter_shell()
    command(f"setvar colour -guid {guid}", r"^FE CA AD 0B ")
    session.type("reset -s\r")


def main(run_sh, build, which, gic, cpu):
    def scene(session):
        {"u-boot": u_boot, "uefi": uefi}[which](session)
        session.expect(r"^mini-host: vm1 powered off$", SECONDS)
        status = session.end(SECONDS)
        demand(status == 0, f"the exit status is {status}")

    play([run_sh, "--build", build, "--firmware", which, "--gic", gic, *machine(cpu)], 400, scene)


if __name__ == "__main__":
    main(*sys.argv[1:])

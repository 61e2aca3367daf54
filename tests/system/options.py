#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options of examples/run.sh and tests/run.sh: options.py ROOT BUILD"""

import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD = sys.argv[1:3]
RUN = os.path.join(ROOT, "examples", "run.sh")
TESTS = os.path.join(ROOT, "tests", "run.sh")


def start(*command):
    """Exit status, standard output, standard error."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=900, check=False)
    return done.returncode, done.stdout, done.stderr


def arguments(*options):
    """QEMU's, as --dry-run prints them."""
    status, output, error = start(RUN, "--build", BUILD, "--dry-run", *options)
    assert (status, error) == (0, ""), error
    return output.splitlines()


def words(command):
    """Those for the mini-host."""
    return command[command.index("-append") + 1]


class Options(unittest.TestCase):
    """What a person may get wrong, and what they get when it is right."""

    def test_a_wrong_value_gets_one_line_and_status_2(self):
        with tempfile.NamedTemporaryFile() as empty:
            for options in (
                    "--cpus 0", "--cpus 9", "--cpus two", "--cpus -1", "--cpus 08", "--cpus 1.5",
                    "--memory 63", "--memory 4097", "--memory 512M",
                    "--memory 99999999999999999999", "--gic 1", "--gic 4", "--gic v3",
                    "--cpu cortex-a15", "--cpu cortex-a999", "--vhe --cpu cortex-a53",
                    "--vcpus 0", "--vcpus 9",
                    "--host mini", "--host-shell", "--host linux --gic 2", "--host linux --direct",
                    "--host linux --demo", "--host linux --cpu cortex-a72", "--host linux --vm --vm",
                    "--name", "--name a/b", "--name sixteen--letters", "--firmware /none",
                    f"--firmware {empty.name}", f"--firmware {RUN} --direct",
                    f"--firmware {RUN} --initrd {RUN}", f"--firmware {RUN} --append x",
                    f"--firmware {RUN} --kernel {RUN}", f"--vm --demo --vm --demo --kernel {RUN}",
                    "--vm --vm --direct", "--harden --direct", "--direct --cpus 2 --vcpus 3", "--vm" + 8 * " --vm",
                    f"--vm --kernel {RUN} --vm --kernel /none", f"--initrd {RUN} --vm --demo",
                    "--cpu host", "--kernel /none", f"--kernel {ROOT}", f"--kernel {empty.name}",
                    f"--initrd {RUN}", f"--kernel {RUN} --initrd /none", f"--demo --kernel {RUN}",
                    f"--firmware {RUN} --vm --append x", f"--append x --vm --firmware {RUN}",
                    f"--kernel {RUN} --vm --vm --demo --initrd {RUN}",
                    "--name a --vm --vm", "--vm --name vm2 --vm",
                    "--cpu cortex-r52", "--cpu cortex-a78ae!", "--qemu /none", f"--qemu {RUN}",
                    "--build /none", "--nonsense", "image", "--cpus", "--append", "--kernel"):
                with self.subTest(options=options):
                    # The build directory is given first, so that nothing is installed or built.
                    status, output, error = start(RUN, "--build", BUILD, *options.split())
                    self.assertEqual((status, output), (2, ""), error)
                    self.assertRegex(error, r"\Arun\.sh: [^\n]+\n\Z")

    def test_an_empty_value_is_none(self):
        for option in ("--build", "--kernel", "--firmware", "--cpus", "--cpu", "--qemu",
                       "--name"):
            with self.subTest(option=option):
                status, output, error = start(RUN, "--build", BUILD, option, "")
                self.assertEqual((status, output), (2, ""), error)
                self.assertRegex(error, r"\Arun\.sh: [^\n]+\n\Z")

    def test_what_is_for_other_vms_is_no_mistake(self):
        kernel, firmware = words(arguments(
            "--kernel", RUN, "--initrd", TESTS, "--append", "x",
            "--vm", "--vm", "--firmware", RUN)).split(" vm ")[1:]
        self.assertRegex(kernel, " kernel=0x[0-9a-f]+ initrd=0x[0-9a-f]+$")
        self.assertRegex(firmware, r"\Avcpus=2 memory=512 firmware=0x[0-9a-f]+\Z")

    def test_help_names_each_option(self):
        for script in (RUN, TESTS):
            status, output, error = start(script, "--help")
            self.assertEqual((status, error), (0, ""))
            with open(script, encoding="utf-8") as file:
                labels = re.findall(r"^ *((?:-[-a-z]+ \| )*-[-a-z]+)\)", file.read(), re.MULTILINE)
            names = {name for label in labels for name in label.split(" | ") if name != "-h"}
            self.assertGreaterEqual(len(names), 3)
            for name in names:
                self.assertIn(f"  {name} ", output)

    def test_tests_run_refuses_what_it_does_not_know(self):
        for options in (["--nonsense"], ["--filter"], ["--qemu"], ["--qemu", "/none"],
                        ["--qemu", TESTS]):
            status, output, error = start(TESTS, *options)
            self.assertEqual((status, output), (2, ""), error)
            self.assertRegex(error, r"\Atests/run\.sh: [^\n]+\n\Z")

    def test_values_reach_qemu(self):
        command = arguments("--demo", "--cpus", "3", "--memory", "96", "--gic", "2", "--cpu", "max",
                            "--name", "first")
        self.assertIn("virt,virtualization=on,gic-version=2", command)
        self.assertEqual(command[command.index("-smp") + 1], "3")
        self.assertEqual(command[command.index("-cpu") + 1], "max")
        self.assertRegex(words(command), r"\Amode=virtual vm vcpus=3 memory=96 name=first kernel=")

    def test_another_qemu_brings_its_own_cpus(self):
        with tempfile.TemporaryDirectory() as folder:
            qemu = os.path.join(folder, "another qemu")
            with open(qemu, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n"
                           'case "$*" in\n'
                           "*version) echo 'QEMU emulator version 12.1.0 (of nobody)' ;;\n"
                           "'-machine help') echo 'virt     QEMU 12.1 ARM Virtual Machine' ;;\n"
                           "*cpu*help) printf '  %s\\n' cortex-a78ae 'cortex-x1c (new)' ;;\n"
                           "esac\n")
            os.chmod(qemu, 0o700)
            for cpu in ("cortex-a78ae", "cortex-x1c"):
                command = arguments("--demo", "--cpu", cpu, "--qemu", qemu)
                self.assertEqual(command[0], qemu)
                self.assertEqual(command[command.index("-cpu") + 1], cpu)
            status, _, error = start(RUN, "--build", BUILD, "--qemu", qemu, "--cpu", "cortex-a78")
            self.assertEqual(status, 2)
            self.assertRegex(error, r"\Arun\.sh: [^\n]+cortex-a78\W[^\n]*\n\Z")

    def test_a_vm_has_a_pmu_if_it_asks(self):
        without, with_pmu = words(arguments("--demo", "--vm", "--vm", "--pmu")).split(" vm ")[1:]
        self.assertNotIn("pmu", without.split())
        self.assertIn("pmu", with_pmu.split())

    def test_the_exits_of_a_vm_are_timed_if_it_asks(self):
        without, timed = words(arguments("--demo", "--vm", "--vm", "--times")).split(" vm ")[1:]
        self.assertNotIn("times", without.split())
        self.assertIn("times", timed.split())

    def test_exits_are_hardened_if_asked(self):
        self.assertNotIn("harden", words(arguments("--demo")).split())
        self.assertIn("harden", words(arguments("--demo", "--harden")).split(" vm ")[0].split())

    def test_linux_is_the_host_if_asked(self):
        if not os.path.exists(os.path.join(BUILD, "examples/linux/libvcpu.ko")):
            self.skipTest("it is not built")
        command = arguments("--host", "linux", "--memory", "256")
        self.assertIn("kvm-arm.mode=none", words(command).split())
        self.assertEqual(command[command.index("-cpu") + 1], "cortex-a76")
        self.assertNotIn("vcpu.shell", words(command).split())
        self.assertIn("vcpu.shell", words(arguments("--host", "linux", "--host-shell")).split())

    def test_vcpus_and_cpus_are_two_numbers(self):
        command = arguments("--demo", "--cpus", "2", "--vcpus", "8")
        self.assertEqual(command[command.index("-smp") + 1], "2")
        self.assertIn(" vcpus=8 ", words(command))

    def test_direct_is_the_other_mode(self):
        self.assertRegex(words(arguments("--demo", "--direct")), r"\Amode=direct vm vcpus=2 ")

    def test_a_vhe_host_has_a_cpu_that_can_be_one(self):
        command = arguments("--demo", "--vhe")
        self.assertEqual(command[command.index("-cpu") + 1], "cortex-a76")
        self.assertIn(" host=vhe ", words(command))
        for cpu in ("neoverse-n1", "max"):
            self.assertIn(" host=vhe ", words(arguments("--demo", "--cpu", cpu, "--vhe")))
        self.assertNotIn("host=", words(arguments("--demo", "--cpu", "max")))

    def test_each_vm_has_its_options_or_the_common_ones(self):
        first, second, third = words(arguments(
            "--demo", "--memory", "100", "--vcpus", "3",
            "--vm", "--name", "a",
            "--vm", "--memory", "200",
            "--vm", "--vcpus", "1", "--kernel", RUN)).split(" vm ")[1:]
        self.assertRegex(first, r"\Avcpus=3 memory=100 name=a kernel=0x[0-9a-f]+\Z")
        self.assertRegex(second, r"\Avcpus=3 memory=200 kernel=0x[0-9a-f]+\Z")
        self.assertRegex(third, r"\Avcpus=1 memory=100 kernel=0x[0-9a-f]+\Z")
        kernel = [re.search("kernel=(.*)", vm).group(1) for vm in (first, second, third)]
        self.assertEqual(kernel[0], kernel[1])
        self.assertNotEqual(kernel[0], kernel[2])

    def test_the_words_name_the_files_that_qemu_loads(self):
        command = arguments("--vm", "--append", "one", "--vm", "--append", "two",
                            "--vm", "--append", "one", "--vm", "--firmware", RUN)
        loaded = dict(re.findall(r"guest-loader,addr=(0x[0-9a-f]+),(\S+)", " ".join(command)))
        vms = words(command).split(" vm ")[1:]
        one, two, same, firmware = (dict(re.findall(r"(\w+)=(0x\w+)", vm)) for vm in vms)
        self.assertEqual(one, same)
        # The same file with another command line is another module.
        self.assertNotEqual(one["kernel"], two["kernel"])
        self.assertEqual(one["initrd"], two["initrd"])
        self.assertRegex(loaded[one["kernel"]], "^kernel=.*/Image,bootargs=")
        self.assertRegex(loaded[one["initrd"]], "^initrd=")
        self.assertEqual(loaded[firmware["firmware"]], f"kernel={RUN}")
        self.assertEqual(set(firmware), {"firmware"})
        self.assertEqual(len(loaded), 4)

    def test_commas_and_spaces_reach_the_guest(self):
        with tempfile.TemporaryDirectory() as folder:
            kernel = os.path.join(folder, "a,b c")
            with open(kernel, "wb") as file:
                file.write(b"x")
            command = arguments("--kernel", kernel, "--append", "a=1,2 b")
        loader = next(word for word in command if word.startswith("guest-loader,"))
        self.assertIn("/a,,b c,", loader)
        self.assertTrue(loader.endswith(",bootargs=a=1,,2 b"), loader)

    def test_an_append_adds_to_debians(self):
        loader = next(word for word in arguments("--append", "quiet") if "bootargs=" in word)
        self.assertRegex(loader, r"bootargs=console=ttyAMA0 .*quiet$")

    def test_files_do_not_overlap(self):
        with tempfile.TemporaryDirectory() as folder:
            kernel, initrd = os.path.join(folder, "k"), os.path.join(folder, "i")
            for size in (1, (2 << 20) - 1, 2 << 20, (2 << 20) + 1, 31 << 20):
                for name in (kernel, initrd):
                    with open(name, "wb") as file:
                        file.truncate(size)
                command = arguments("--memory", "64", "--vm", "--kernel", kernel,
                                    "--initrd", initrd, "--vm", "--firmware", kernel)
                places = [int(address, 16) for address in
                          re.findall(r"addr=(0x[0-9a-f]+)", " ".join(command))]
                end = (1 << 30) + (int(command[command.index("-m") + 1]) << 20)
                self.assertEqual(len(places), 3)
                for place, following in zip(places, places[1:] + [end - (2 * 64 << 20)]):
                    self.assertLessEqual(place + size, following)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

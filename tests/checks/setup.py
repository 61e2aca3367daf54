#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cmake/setup.sh finds the kernel in each form of Debian's packages, the mirror among other
sources, and a QEMU that writes much: setup.py ROOT

apt works as it does with real packages, but its only source is a folder of packages that this test
makes. Where there is no apt, this check is skipped.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

from check import conclude, run, skip

# An Image as far as the magic number of its boot protocol, with something to know it by.
IMAGE = bytes(56) + b"ARMd" + b"this very kernel"

# What is tried, or what setup.sh must say; the files of linux-image-VERSION; those of
# linux-binary-VERSION, None if there is no such package. {v} is the version.
BOOT, MODULES = "boot/vmlinuz-{v}", "usr/lib/modules/{v}/vmlinuz"
GOOD = (
    ("the kernel in linux-image", {BOOT: IMAGE}, None),
    ("a compressed kernel in linux-image", {BOOT: gzip.compress(IMAGE)}, None),
    ("the kernel in linux-binary", {}, {MODULES: IMAGE, "usr/lib/modules/{v}/System.map": b"x"}),
    ("a compressed kernel in linux-binary", {}, {MODULES: gzip.compress(IMAGE)}),
)
BAD = (
    ("neither holds a kernel nor depends on linux-binary", {}, None),
    ("holds no ./usr/lib/modules/*/vmlinuz", {}, {}),
    ("is not an arm64 Image", {BOOT: b"MZ" + bytes(70)}, None),
)

# URIs of apt's sources, and the mirror that setup_mirror must take; None if there is none.
SOURCES = (
    (("cdrom:/disc/", "mirror+file:/list/", "http:/a/debian/"), "http:/a/debian/"),
    (("https:/b/", "file:/second/"), "https:/b/"),
    (("mirror+file:/list/", "file:/here/"), "file:/here/"),
    (("cdrom:/disc/", "mirror+file:/list/"), None),
)

# The least that apt takes for a list of packages.
PACKAGE = "Package: one\nVersion: 1\nArchitecture: all\nFilename: one\nSize: 1\n\n"

# A QEMU with more machines than a pipe holds.
QEMU = """#!/bin/sh
case $1 in
--version) echo "QEMU emulator version 12.1.0" ;;
-machine) echo "virt  a machine" && seq 100000 ;;
esac
"""


class Archive:
    """A folder of arm64 packages, and apt's index of them."""

    def __init__(self, folder):
        self.folder = folder
        self.index = ""

    def add(self, name, depends, files):
        tree = os.path.join(self.folder, name)
        fields = (f"Package: {name}\nVersion: 1\nArchitecture: arm64\nMaintainer: nobody\n"
                  f"Depends: {depends}\nDescription: a test\n")
        for path, data in ({"DEBIAN/control": fields.encode()} | files).items():
            os.makedirs(os.path.dirname(os.path.join(tree, path)), exist_ok=True)
            with open(os.path.join(tree, path), "wb") as file:
                file.write(data)
        package = os.path.join(self.folder, f"{name}_1_arm64.deb")
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, package)
        with open(package, "rb") as file:
            data = file.read()
        self.index += (f"{fields}Filename: ./{os.path.basename(package)}\nSize: {len(data)}\n"
                       f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n")
        with open(os.path.join(self.folder, "Packages"), "w", encoding="utf-8") as file:
            file.write(self.index)


def make_kernel(archive, version, image, binary):
    """linux-image-metaVERSION, and what it depends on."""
    release = f"{version}-arm64"
    depends = "linux-base"
    if binary is not None:
        depends = f"linux-base-{release} (= 1), linux-binary-{release} (= 1), linux-modules-{release}"
        archive.add(f"linux-binary-{release}", "linux-base",
                    {path.format(v=release): data for path, data in binary.items()})
    archive.add(f"linux-image-{release}", depends,
                {path.format(v=release): data for path, data in image.items()})
    archive.add(f"linux-image-meta{version}", f"linux-image-{release}", {})


def call(root, folder, sources, script):
    """What a script with setup.sh's functions said, in which apt has these sources only."""
    with open(os.path.join(folder, "sources.list"), "w", encoding="utf-8") as file:
        file.write(sources)
    # Read before the configuration that setup.sh writes, which leaves these as they are.
    with open(os.path.join(folder, "apt.conf"), "w", encoding="utf-8") as file:
        file.write(f'Dir::Etc {{ sourcelist "{folder}/sources.list"; sourceparts "/dev/null";\n'
                   'parts "/dev/null"; };\n'
                   f'Dir::State "{folder}/state";\nDir::Cache "{folder}/cache";\n')
    script = (f". '{root}/cmake/setup.sh'\nsetup_deps='{folder}/deps'\nmkdir -p $setup_deps\n"
              + script)
    done = subprocess.run(["bash", "-uo", "pipefail", "-c", script], text=True, check=False,
                          env=dict(os.environ, APT_CONFIG=os.path.join(folder, "apt.conf")),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.strip()


def set_up(root, folder, count):
    """Calls setup_linux_image for each kernel; what it said, each with its exit status."""
    said = call(root, folder, f"deb [trusted=yes] file:{folder}/archive ./\n",
                "setup_apt_arm64\n"
                f"for n in $(seq {count}); do\n"
                "    (set -e; setup_linux_image linux$n linux-image-meta$n) && echo 0 || echo $?\n"
                "    echo ====\ndone\necho")
    return [one.strip() for one in said.split("====")]


def problems_of_mirrors(root, folder):
    for place in ("state/lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(folder, place))
    # apt names only sources whose list it has, in a file that is named after the URI.
    architecture = run("dpkg", "--print-architecture").strip()
    for uri in {uri for uris, _ in SOURCES for uri in uris}:
        name = uri.split(":", 1)[1].replace("/", "_")
        name = f"{name}dists_suite_main_binary-{architecture}_Packages"
        with open(f"{folder}/state/lists/{name}", "w", encoding="utf-8") as file:
            file.write(PACKAGE)
    for sources, mirror in SOURCES:
        lines = "".join(f"deb {source} suite main\n" for source in sources)
        said = call(root, folder, lines, "setup_mirror suite\n")
        if mirror is None and (said.count("\n") or "name no mirror of Debian's suite" not in said):
            yield f"sources without a mirror, {sources}: setup_mirror said: {said}"
        if mirror is not None and said != mirror:
            yield f"the mirror among {sources}: setup_mirror said: {said}"


def problems_of_qemu(root, folder):
    qemu = os.path.join(folder, "qemu")
    with open(qemu, "w", encoding="utf-8") as file:
        file.write(QEMU)
    os.chmod(qemu, 0o755)
    said = call(root, folder, "", "for command in ./qemu true; do\n"
                f"    (cd '{folder}' && setup_qemu_version $command); echo $?\ndone\n")
    if said != "12\n0\n1":
        yield f"a QEMU 12, and a command that is none: setup_qemu_version said: {said}"


def problems_of_kernels(root):
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "archive"))
        archive = Archive(os.path.join(folder, "archive"))
        kernels = GOOD + BAD
        for version, (_, image, binary) in enumerate(kernels, 1):
            make_kernel(archive, version, image, binary)
        said = set_up(root, folder, len(kernels))
        if len(said) != len(kernels) + 1:
            yield f"setup.sh did not try each kernel: {said}"
            return
        for number, ((what, _, _), lines) in enumerate(zip(kernels, said), 1):
            good = number <= len(GOOD)
            status = lines.split("\n")[-1]
            try:
                with open(os.path.join(folder, f"deps/linux{number}/Image"), "rb") as file:
                    image = file.read()
            except FileNotFoundError:
                image = None
            if good and (status != "0" or image != IMAGE):
                yield f"{what}: not found; setup.sh said: {lines}"
            if not good and (status == "0" or image is not None):
                yield f"{what}: setup.sh took it for a kernel"
            if not good and what not in lines:
                yield f"{what}: setup.sh said: {lines}"


def problems_of(root):
    yield from problems_of_kernels(root)
    with tempfile.TemporaryDirectory() as folder:
        yield from problems_of_mirrors(root, folder)
        yield from problems_of_qemu(root, folder)


if __name__ == "__main__":
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            skip(f"this machine has no {tool}, with which setup.sh fetches packages")
    conclude(list(problems_of(sys.argv[1])),
             "setup.sh finds the kernel in each form, the mirror and QEMU")

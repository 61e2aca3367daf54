#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cmake/setup.sh finds the kernel in each form of Debian's packages: setup.py ROOT

apt works as it does with real packages, but its only source is a folder of packages that this test
makes.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile

from check import conclude, run

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


def set_up(root, folder, count):
    """Calls setup_linux_image for each kernel; what it said, each with its exit status."""
    with open(os.path.join(folder, "sources.list"), "w", encoding="utf-8") as file:
        file.write(f"deb [trusted=yes] file:{folder}/archive ./\n")
    # Read before the configuration that setup.sh writes, which leaves these as they are.
    with open(os.path.join(folder, "apt.conf"), "w", encoding="utf-8") as file:
        file.write(f'Dir::Etc {{ sourcelist "{folder}/sources.list"; sourceparts "/dev/null";\n'
                   'parts "/dev/null"; };\n')
    script = (f". '{root}/cmake/setup.sh'\nsetup_deps='{folder}/deps'\nmkdir -p $setup_deps\n"
              "setup_apt_arm64\n"
              f"for n in $(seq {count}); do\n"
              "    (set -e; setup_linux_image linux$n linux-image-meta$n) && echo 0 || echo $?\n"
              "    echo ====\ndone\n")
    done = subprocess.run(["bash", "-uo", "pipefail", "-c", script], text=True, check=False,
                          env=dict(os.environ, APT_CONFIG=os.path.join(folder, "apt.conf")),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [said.strip() for said in done.stdout.split("====\n")]


def problems_of(root):
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


if __name__ == "__main__":
    conclude(list(problems_of(sys.argv[1])), "setup.sh finds Debian's kernel in each form")

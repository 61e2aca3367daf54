#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the tests on another release of Debian: see --help.
set -euo pipefail

usage()
{
    cat <<'END'
usage: tests/debian.sh SUITE [COMMAND [ARGUMENT]...]

Runs a command in a chroot of a Debian suite, on a copy of this tree. The command is
./tests/run.sh if none is given; it installs what it needs there. Examples:
  tests/debian.sh trixie
  tests/debian.sh trixie ./tests/run.sh --quick
  tests/debian.sh trixie ./examples/run.sh --demo

The script makes the chroot at the first run, in build/debian/SUITE, with debootstrap (which it
installs if it is missing), from the Debian mirror among this machine's apt sources. Signatures are
checked. Later runs use that chroot again; to start from nothing, remove build/debian/SUITE.

The copy is /libvcpu in the chroot. It has the files that git tracks, with their changes that are not
committed. Its build directory stays there from run to run.

Needs root. What it mounts for the command is unmounted when the command ends, however it ends.
Exit status: the command's; 1 if the chroot cannot be made, 2 for a wrong argument.
END
}

wrong()
{
    printf 'tests/debian.sh: %s\n' "$*" >&2
    exit 2
}

case ${1:-} in
--help | -h) usage && exit 0 ;;
'') wrong "which suite? For example: tests/debian.sh trixie (see --help)" ;;
-*) wrong "there is no option \"$1\" (see --help)" ;;
esac
suite=$1
shift
[[ $suite =~ ^[a-z][a-z0-9-]*$ ]] || wrong "\"$suite\" is no name of a suite, as trixie is one"
[ $# -gt 0 ] || set -- ./tests/run.sh
[ "$(id -u)" -eq 0 ] || wrong "this needs root, to make a chroot: sudo tests/debian.sh $suite"

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=cmake/setup.sh
. "$root/cmake/setup.sh"
PATH=$PATH:/usr/sbin:/sbin
chroot=$root/build/debian/$suite

# In a mount namespace of its own, so that no mount outlives a command or is seen by others.
alone()
{
    unshare --mount --propagation private -- "$@"
}

make_chroot()
{
    local release mirror script=() new=$chroot.new
    [ ! -d "$chroot" ] || return 0
    # shellcheck source=/dev/null
    release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    setup_tools debootstrap debian-archive-keyring
    mirror=$(setup_mirror "$release")
    # debootstrap knows suites by a script each; those newer than itself are made as sid is.
    [ -e "/usr/share/debootstrap/scripts/$suite" ] || script=(/usr/share/debootstrap/scripts/sid)
    setup_say "making a chroot of Debian's $suite in $chroot"
    rm -rf "$new"
    mkdir -p "$new"
    setup_logged "$new.log" alone debootstrap --variant=minbase --keyring="$setup_keyring" \
        "$suite" "$new" "$mirror" "${script[@]}" || setup_fail "debootstrap failed for $suite"
    mv "$new" "$chroot"
}

# What this machine's apt needs to reach the mirror, the chroot's apt needs as well.
share_network()
{
    local file
    for file in /etc/resolv.conf /etc/hosts /etc/apt/auth.conf /etc/apt/auth.conf.d \
        /etc/ssl/certs /usr/local/share/ca-certificates; do
        [ -e "$file" ] || continue
        mkdir -p "$(dirname "$chroot$file")"
        # Those are often links to files that the chroot does not have. Links among the certificates
        # can dangle on this machine too, after a package was removed: cp names and skips them.
        cp -rL --remove-destination "$file" "$(dirname "$chroot$file")" ||
            [[ $file == *cert* ]] || setup_fail "$file could not be copied into $chroot"
    done
    apt-config dump | grep -E '^Acquire::(https?|ftp|Check|Max|Retries)' \
        >"$chroot/etc/apt/apt.conf.d/90machine" || true
}

# The tree as a commit that no branch has; pushed, because a fetch takes only what a branch has.
# The repository can be another user's, and root must leave no file of its own there: git writes the
# commit and the index beside the chroot.
copy_tree()
{
    local copy=$chroot/libvcpu scratch=$chroot.git
    rm -rf "$scratch"
    mkdir -p "$scratch/objects" "$copy"
    [ -d "$copy/.git" ] || git -C "$copy" init -q -b none
    # The tree can be a shallow clone.
    git -C "$copy" config receive.shallowUpdate true
    cp "$(git_path index)" "$scratch/index"
    (
        GIT_ALTERNATE_OBJECT_DIRECTORIES=$(git_path objects)
        export GIT_ALTERNATE_OBJECT_DIRECTORIES
        export GIT_OBJECT_DIRECTORY=$scratch/objects GIT_INDEX_FILE=$scratch/index
        commit=$(git_here stash create)
        git_here push -q --force --no-verify "$copy" "${commit:-HEAD}:refs/heads/copy"
    )
    rm -rf "$scratch"
    git -C "$copy" checkout -q --force --detach copy
    git -C "$copy" clean -q -fdx -e /build
}

git_here()
{
    git -c safe.directory='*' -c user.name=copy -c user.email=copy -C "$root" "$@"
}

# Where git has that part of the repository; it says so from $root.
git_path()
{
    (cd "$root" && realpath "$(git_here rev-parse --git-path "$1")")
}

# With sudo the tree is another user's, who builds there without root.
mkdir -p "$setup_deps" "$root/build/debian"
chown --reference="$root" "$root/build" "$setup_deps" "$root/build/debian"
setup_tools git
# Held by all that runs in the chroot.
exec 8>"$chroot.lock"
flock -n 8 || setup_fail "another run of tests/debian.sh $suite is under way"
make_chroot
share_network
copy_tree
# $1 and $@ are the inner shell's.
# shellcheck disable=SC2016
alone env -u TMPDIR HOME=/root LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" || exit 1
    exec chroot "$1" sh -c "cd /libvcpu && exec \"\$@\"" "$@"' sh "$chroot" "$@"

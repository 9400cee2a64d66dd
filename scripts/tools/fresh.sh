#!/bin/sh
# The two commands of a newcomer, ./dev demo and ./dev test, in a Debian that has nothing yet:
#   scripts/tools/fresh.sh bookworm|trixie [COMMAND...]
# Makes a bare root with debootstrap, clones the last commit of this checkout into it, and runs both (or the COMMANDs of
# ./dev that are named) as a user with sudo. Says how long each took, how much it has added to the disk, and how it
# ended. FRESH is the directory (default fresh/ in the build directory): the bare root stays there for the next time,
# and so does the used one, SUITE, until then. Processes and mounts are in namespaces of their own, which end with it.
set -eu
cd "$(dirname "$0")/../.."

die() { printf 'fresh: %s\n' "$*" >&2; exit 1; }

inside() { # root: everything from here on is gone when this process is
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    mount -t tmpfs tmpfs "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$1/dev/pts"
    mount --bind "$1/dev/pts/ptmx" "$1/dev/ptmx"
    exec chroot "$1" runuser -l newcomer -c "cd lbhost && ./dev $2"
}

if [ "$1" = --inside ]; then
    inside "$2" "$3"
fi

suite=${1:-}
case $suite in bookworm | trixie) shift ;; *) die "name a release of Debian: ./dev fresh bookworm, or trixie" ;; esac
[ $# -gt 0 ] || set -- demo test
[ "$(id -u)" = 0 ] || die "needs root, to make a root of its own: sudo ./dev fresh $suite"
for tool in debootstrap unshare git; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install debootstrap util-linux git"
done

fresh=${FRESH:-${BUILD:-$PWD/build}/fresh}
mkdir -p "$fresh"
base=$fresh/$suite.base
root=$fresh/$suite
if [ ! -e "$base" ]; then
    printf '== a bare %s in %s\n' "$suite" "$base"
    rm -rf "$base.part"
    debootstrap --variant=minbase --include=sudo "$suite" "$base.part" >"$fresh/debootstrap.log" 2>&1 ||
        { tail -20 "$fresh/debootstrap.log" >&2; die "debootstrap failed"; }
    mv "$base.part" "$base"
fi

rm -rf --one-file-system "$root"
cp -a "$base" "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo "127.0.0.1 localhost $(hostname)" >"$root/etc/hosts"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # packages start no services
chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" useradd --create-home --shell /bin/bash newcomer
echo "newcomer ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/newcomer"
[ -z "$(git status --porcelain)" ] || printf '== without what is not committed\n'
git clone --quiet --no-local --depth 1 "file://$PWD" "$root/home/newcomer/lbhost"
chroot "$root" chown -R newcomer: /home/newcomer/lbhost

megabytes() { du -smx "$root" | cut -f1; }

failed=0
for command in "$@"; do
    printf '== %s: ./dev %s\n' "$suite" "$command"
    before=$(megabytes)
    began=$(date +%s)
    status=0
    unshare --mount --pid --ipc --fork --kill-child --propagation private \
        sh scripts/tools/fresh.sh --inside "$root" "$command" </dev/null || status=$?
    seconds=$(($(date +%s) - began))
    printf '== %s: ./dev %s: status %d, %d min %d s, %d MB more on the disk\n' "$suite" "$command" "$status" \
        $((seconds / 60)) $((seconds % 60)) $(($(megabytes) - before))
    [ "$status" = 0 ] || failed=1
done
exit "$failed"

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

. scripts/tools/root.sh

if [ "${1:-}" = --inside ]; then
    mount_root "$2"
    chroot "$2" runuser -l newcomer -c "cd lbhost && ./dev $3" # this shell is the parent of what has lost its own
    exit
fi

suite=${1:-}
[ $# = 0 ] || shift
[ $# -gt 0 ] || set -- demo test
command -v git >/dev/null || die "git is missing: apt-get install git"
bare_root "$suite"
root=$fresh/$suite
new_root "$suite" "$root"
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
    enter_root scripts/tools/fresh.sh "$root" "$command" || status=$?
    seconds=$(($(date +%s) - began))
    printf '== %s: ./dev %s: status %d, %d min %d s, %d MB more on the disk\n' "$suite" "$command" "$status" \
        $((seconds / 60)) $((seconds % 60)) $(($(megabytes) - before))
    [ "$status" = 0 ] || failed=1
done
exit "$failed"

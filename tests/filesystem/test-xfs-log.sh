#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log in all its rounds, clean and dirty, is what xfs_logprint says it is.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"
requires_xfs

# live: fill a part of the log; each record has at least the log's stripe unit.
live ()
{
    local i

    for ((i = 5 + RANDOM % 20; i > 0; i--)); do
        echo "$i" >"$mounted/$((RANDOM % 50))"
        sync -f "$mounted"
    done
    rm -f "$mounted/"*"$((RANDOM % 10))"
    [ $((RANDOM % 3)) -gt 0 ] || xfs_io -x -c 'shutdown -f' "$mounted"
}

RANDOM=$((test_seed % 32768))
while read -r arguments; do
    echo "== $arguments" >&2
    # shellcheck disable=SC2086
    make_xfs 192M $arguments
    filled=0
    # At least until it was filled once, and is in a later round than the first.
    for ((round = 1; round <= 8 || filled == 0; round++)); do
        expect test $round -le 60
        mount_xfs
        live
        umount "$mounted"
        state=$(xfs_logprint -t "$volume" 2>/dev/null |
                    sed -n 's/.*state: <\(.*\)>/\1/p')
        case $state in
            CLEAN) expect_free ;;
            DIRTY) expect_doubt 'its log is dirty' ;;
            *) fail "xfs_logprint says nothing of the log" ;;
        esac
        declare $state=yes
        xfs_logprint -d "$volume" 2>/dev/null >"$tmpdir/log"
        ! grep -q 'HEADER Cycle [2-9]' "$tmpdir/log" || filled=1
    done
done <<'EOF'
-b size=1024 -m reflink=0 -l size=3m,su=64k
-l size=20m,su=256k
-s size=4096 -m reflink=0 -l size=10m,su=128k
EOF
expect test "${CLEAN-}${DIRTY-}" = yesyes

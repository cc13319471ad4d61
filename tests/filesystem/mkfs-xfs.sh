# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced by those who make file systems with mkfs.xfs, which goes by another
# name here.

# mkfs.xfs ARGUMENT...: the log is as large as it has to be where the one that
# is asked for is too small: xfsprogs 6.13 wants 12 MiB where 6.1 takes 6.
mkfs.xfs ()
{
    local words least status=0 before='' word arguments=()

    words=$(command mkfs.xfs "$@" 2>&1) || status=$?
    least='log size [0-9]* blocks too small, minimum size is \([0-9]*\) blocks'
    least=$(sed -n "s/.*$least.*/\1/p" <<<"$words")
    if [ -z "$least" ]; then
        [ -z "$words" ] || echo "$words" >&2
        return $status
    fi
    for word; do
        [ "$before" != -l ] || word=$(sed "s/size=[^,]*/size=${least}b/" \
            <<<"$word")
        arguments+=("$word")
        before=$word
    done
    command mkfs.xfs "${arguments[@]}"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# dumpe2fs (e2fsprogs 1.47.0) prints the free blocks of an ext4 file system
# with bigalloc as runs from the first block of their first cluster to the
# FIRST block of their last cluster.  "4288-131056" with clusters of 16 blocks
# ends with block 131071.  Read as what they look like, the runs are fewer
# blocks than "Free blocks:" in the same output says, and a run of one cluster
# is one block: whoever takes the rest for used copies too much, and whoever
# takes the next block for the one after the run has the wrong neighbour.
#
# Expected output:
#     Free blocks: 16272
#     the runs as printed: 16257
#     and the rest of their last clusters: 16272
#
# Needs mke2fs, and dumpe2fs of that version.  Status 0: it is so; 1: it has
# changed; 77: it cannot be tried.
set -eu
PATH=$PATH:/usr/sbin:/sbin
type dumpe2fs mke2fs >/dev/null 2>&1 || exit 77
dumpe2fs -V 2>&1 | grep -q '^dumpe2fs 1\.47\.0 ' || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
truncate -s 16M "$dir/image"
mke2fs -q -F -t ext4 -b 1024 -O bigalloc,^has_journal -C 16384 -N 64 \
    "$dir/image"
dumpe2fs "$dir/image" 2>/dev/null |
    awk '/^Free blocks:/ { print "Free blocks: " $3 }
         /^  Free blocks:/ {
             sub (/^  Free blocks: /, "")
             n = split ($0, runs, /, /)
             for (i = 1; i <= n; i++) {
                 m = split (runs[i], ends, "-")
                 printed += ends[m] - ends[1] + 1
                 whole += ends[m] - ends[1] + 16
             }
         }
         END {
             print "the runs as printed: " printed
             print "and the rest of their last clusters: " whole
         }' >"$dir/said"
cat "$dir/said"
diff - "$dir/said" <<'END'
Free blocks: 16272
the runs as printed: 16257
and the rest of their last clusters: 16272
END

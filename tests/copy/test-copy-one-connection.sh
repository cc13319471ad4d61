#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# A source that must have one connection never has two, though extents are
# asked for and read: the two take turns.

. ./functions.sh
requires_filter log
requires_program perl

# 2,000 blocks of data with holes of 76 KiB between them.
truncate -s 256M "$tmpdir/disk"
perl -e 'open (my $disk, "+<", $ARGV[0]) or die;
         for (my $i = 0; $i < 2000; $i++) {
           sysseek ($disk, $i * 81920, 0);
           syswrite ($disk, chr (65 + $i % 26) x 4096);
         }' "$tmpdir/disk"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --connections 1 -io filter=log -i nbdkit file "$tmpdir/disk" \
    logfile="$tmpdir/logs/nbdkit"
expect cmp "$tmpdir/disk" "$tmpdir/out/guest-sda"
# Two servers write the log: one for the overlay, one for the copy.
sort "$tmpdir/logs/nbdkit" |
    awk '/ Connect / { n++; all++; if (n > max) max = n }
         / Disconnect / { n-- }
         END { exit max == 1 ? 0 : 1 }' ||
    fail "there were two connections at once"
expect_nothing_left

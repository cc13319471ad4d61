#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Memory does not grow with the disk or its extents: 8 TiB, and 100,000
# pieces of data in them, fit into 128 MiB.

. ./functions.sh
requires_program perl
[ -x /usr/bin/time ] || skip "/usr/bin/time is not installed"
sanitized && skip "sanitizers take memory of their own"
under_valgrind && skip "valgrind takes memory of its own"
truncate -s 8T "$tmpdir/disk" || skip "no files of 8 TiB here"

perl -e 'open (my $disk, "+<", $ARGV[0]) or die;
         for (my $i = 0; $i < 100000; $i++) {
           sysseek ($disk, $i * 81920, 0);
           syswrite ($disk, chr (65 + $i % 26) x 4096);
         }' "$tmpdir/disk"
run_expecting 0 /usr/bin/time -f '%M KiB resident' "${tool[@]}" -o null \
    "$tmpdir/disk"
resident=$(sed -n 's/ KiB resident$//p' "$err")
expect test "$resident" -le $((128 * 1024))
expect_nothing_left

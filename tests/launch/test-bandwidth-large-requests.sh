#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --bandwidth: nbdkit's rate filter gets no request of more than a second's
# data, however large --request-size is, because it would wait much longer for
# one than its data takes.
. ./functions.sh

requires_plugin eval
requires_filter rate
requires_filter blocksize

# largest ARGUMENT...: the largest read that reaches the plugin, in bytes.
largest ()
{
    rm -f "$tmpdir/reads"
    run_expecting 0 v2v-nbdkit-launch "$@" --connections 1 --request-size 8M \
        -o null -i nbdkit eval get_size='echo 3M' \
        pread="echo \$3 >>'$tmpdir/reads'; head -c \$3 /dev/urandom"
    sort -n "$tmpdir/reads" | tail -n 1
}

expect test "$(largest)" = 3145728
expect test "$(largest --bandwidth 10M)" = 1048576
expect test "$(largest --bandwidth 17M)" = 2097152
echo 1G >"$tmpdir/rate"
expect test "$(largest --bandwidth-file "$tmpdir/rate")" = 262144
expect_nothing_left

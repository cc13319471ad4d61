#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# New files of -o disk are private, also while they are written and whatever
# the umask is; -oo mode= gives them another mode in the end.
. ./functions.sh

make_disk "$tmpdir/src" 8M
mkdir "$tmpdir/out"
umask 0

# expect_mode MODE NAME
expect_mode ()
{
    expect_same "$1 $1" "$(stat -c %a "$tmpdir/out/$2-sda" \
                                 "$tmpdir/out/$2.xml" | xargs)"
}
expect_same () { [ "$1" = "$2" ] || fail "$2 instead of $1"; }

for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -os "$tmpdir/out" \
        -on $format -of $format
    expect_mode 600 $format
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -os "$tmpdir/out" \
        -on $format-more -of $format -oo mode=0644
    expect_mode 644 $format-more
done
run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -os "$tmpdir/out" -on packed \
    -of qcow2 -oo compressed -oo mode=660
expect_mode 660 packed

# Nobody can read it before it is complete, either.
run_in_background v2v-nbdkit-launch "$tmpdir/src" -os "$tmpdir/out" -on part \
    -oo mode=0644 --bandwidth 4M
wait_for test -e "$tmpdir/out/part.part/sda"
expect test "$(stat -c %a "$tmpdir/out/part.part/sda")" = 600
expect test "$(stat -c %a "$tmpdir/out/part.part")" = 700
wait_expecting 0
expect_mode 644 part

for mode in 8 rw 0 0400 1777 06444 '' 0644x; do
    run_expecting 2:usage:false v2v-nbdkit-launch "$tmpdir/src" \
        -os "$tmpdir/out" -on bad -oo mode=$mode
    expect_error "'$mode' is not a valid mode"
done
run_expecting 2:usage:false v2v-nbdkit-launch "$tmpdir/src" \
    -os "$tmpdir/out" -on raw -oo mode=0644 --changed-extents /dev/null
expect_nothing_left

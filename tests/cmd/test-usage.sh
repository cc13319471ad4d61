#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong usage is status 2 and says what is wrong.
. ./functions.sh

touch "$tmpdir/disk"
wrong ()
{
    local regex=$1

    shift
    run_expecting 2:usage:false v2v-nbdkit-launch "$@"
    expect_error "$regex"
    expect test ! -s "$out"
}

wrong 'there is no option --no-such-option' --no-such-option "$tmpdir/disk"
wrong '-i carrot: there is no such input' -i carrot "$tmpdir/disk"
wrong '-o carrot: there is no such output' -o carrot "$tmpdir/disk"
for format in img carrot ''; do
    wrong "-if $format: there is no such format" -o null -if "$format" \
        "$tmpdir/disk"
    expect_hint 'qcow2, .*vmdk'
done
run_expecting 0 v2v-nbdkit-launch --dry-run -if RAW "$tmpdir/disk"
wrong "-of: 'carrot' is not one of" -o null -of carrot "$tmpdir/disk"
wrong "--readahead: 'carrot' is not one of" -o null \
    --readahead carrot "$tmpdir/disk"
wrong "--retries: 'carrot' is not a number" -o null \
    --retries carrot "$tmpdir/disk"
wrong "--retries: '-1' is not a number" -o null --retries -1 "$tmpdir/disk"
wrong "--retries: '9+' is not a number" -o null \
    --retries 99999999999999999999 "$tmpdir/disk"
wrong "-io: there is no option 'carrot'" -o null -io carrot=1 "$tmpdir/disk"
wrong "-o null has no option '-oo carrot'" -o null -oo carrot=1 "$tmpdir/disk"
wrong '-o disk needs the output directory' -o disk "$tmpdir/disk"
wrong "needs one '-oo path=...' for each disk" -o device "$tmpdir/disk"
wrong "needs one '-oo uri=...' for each disk" -o nbd "$tmpdir/disk"
wrong '--run and --convert cannot be used together' \
    -o null --run true --convert true "$tmpdir/disk"
wrong 'no SOURCE was given' -i nbdkit -o null
wrong 'no SOURCE was given' -i disk -o null
wrong 'disk is empty: it has no password' -o null -ip "$tmpdir/disk" \
    ssh://localhost/disk
wrong 'cannot read the password from fd:33: Bad file descriptor' -o null \
    -ip fd:33 ssh://localhost/disk
wrong 'cannot read the password from .*No such file' -o null \
    -ip "$tmpdir/no-such-file" ssh://localhost/disk
expect_nothing_left

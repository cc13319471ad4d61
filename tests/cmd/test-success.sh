#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that succeeds says what it made, where, and what to do next, in a form
# that a shell takes.
. ./functions.sh

requires_plugin file
cd "$tmpdir"
make_disk disk 4M
make_disk second 1536k
mkdir out "o'ut \$x"

# said WORD...: the lines after "Finished", without the time.
said ()
{
    sed -n '/Finished in/,$s/^\[ *[0-9.]*\] //p' "$err"
}

# says LINE...: these lines, as regular expressions, and no others.
says ()
{
    local n=1 line

    expect test "$(said | wc -l)" = $(($# + 1))
    for line; do
        n=$((n + 1))
        said | sed -n ${n}p | grep -Eqx -- "$line" ||
            fail "line $n is not: $line"
    done
}

size='[0-9.]+ [KM]iB'
copy=(v2v-nbdkit-launch disk second -on guest)
run_expecting 0 "${copy[@]}" -os out
says "sda: $tmpdir/out/guest-sda, raw, 4 MiB, $size written" \
    "sdb: $tmpdir/out/guest-sdb, raw, 1.5 MiB, $size written" \
    "Next: virsh define $tmpdir/out/guest.xml"
run_expecting 0 "${copy[@]}" -os "o'ut \$x" -of qcow2 --verify --checksum
says "sda: $tmpdir/o'ut .x/guest-sda, qcow2, 4 MiB, $size written, verified, blkhash-sha256:[0-9a-f]{64}" \
    "sdb: .*, qcow2, 1.5 MiB, $size written, verified, blkhash-sha256:[0-9a-f]{64}" \
    "Next: virsh define .*"
# The command is one.
eval "set -- $(said | sed -n 's/^Next: //p')"
expect test "$1 $2 $#" = 'virsh define 3'
expect test -f "$3"

# What was there before is gone.
rm out/guest-sdb
run_expecting 0 "${copy[@]}" -os out
says "sda: .* written, in place of an older file" "sdb: .* written" 'Next: .*'

# Where nothing is to be defined there is no command.
truncate -s 4M target
truncate -s 1536k target2
run_expecting 0 v2v-nbdkit-launch disk second -o device -oo path=target \
    -oo path=target2
says "sda: target, raw, 4 MiB, $size written" "sdb: target2, raw, .*"
run_expecting 0 v2v-nbdkit-launch disk -o null
says "sda: 4 MiB, $size read, nothing written"
echo '[{"start":0,"length":65536}]' >extents
run_expecting 0 v2v-nbdkit-launch disk -o disk -os out -on guest \
    --changed-extents extents
says "sda: $tmpdir/out/guest-sda, raw, 4 MiB, $size written"
run_expecting 0 v2v-nbdkit-launch --in-place target --convert true
says "sda: .*target, raw, 4 MiB, 0 B written"

# The run that finished before made the same.
for message in Copying 'Nothing to do'; do
    run_expecting 0 v2v-nbdkit-launch disk -os out -on other --resume
    expect_stderr "$message"
    says "sda: $tmpdir/out/other-sda, raw, 4 MiB, $size written" \
        "Next: virsh define $tmpdir/out/other.xml"
done

# Nothing of it in a quiet run, nor in one that fails.
run_expecting 0 v2v-nbdkit-launch -q disk -o null
expect test ! -s "$err"
run_expecting 5 v2v-nbdkit-launch disk -os out -on third --convert false
expect_no_stderr 'Next:|Finished'
expect_nothing_left

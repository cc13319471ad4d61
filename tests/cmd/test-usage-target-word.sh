#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The name of a new file behind the disk, as qemu-img has it, is no target: the
# hint says what to write instead, and that works.
. ./functions.sh

requires_plugin file
cd "$tmpdir"
make_disk disk 1M
mkdir 'a dir'

# hints OPTIONS WORD...: where the last one is, OPTIONS are meant.
hints ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch "${@:2}"
    expect_error 'no output was given'
    expect_hint "^${*: -1} is not there .*: $1\$"
    expect_not test -e "${*: -1}"
}

# What it says is read by a shell.
hints '-o disk -oo file=out.qcow2 -of qcow2' disk out.qcow2
eval "run_expecting 0 v2v-nbdkit-launch disk $(sed -n 's/^hint:.*by: //p' "$err")"
expect qemu-img compare -q disk out.qcow2
hints "-o disk -oo file='a dir/out.img'" disk 'a dir/out.img'
eval "run_expecting 0 v2v-nbdkit-launch disk $(sed -n 's/^hint:.*by: //p' "$err")"
expect_same disk 'a dir/out.img'
rm out.qcow2
hints '-o disk -os / -on no-such-file' disk disk /no-such-file

# Never one that exists, and what is no file is no target either.
for word in disk 'a dir' 'a dir/' nbd://127.0.0.1/x $'out\033[31m'; do
    run_expecting 2:usage:false v2v-nbdkit-launch disk "$word"
    expect_hint 'give -o disk -os DIR'
done
run_expecting 2:usage:false v2v-nbdkit-launch out.qcow2
expect_hint 'give -o disk -os DIR'
run_expecting 2:usage:false v2v-nbdkit-launch -i nbdkit file out.qcow2
expect_hint 'give -o disk -os DIR'

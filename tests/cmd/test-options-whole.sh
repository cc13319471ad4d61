#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Options have their whole names and one dash or two, their values behind '='
# or as the next word.  What is written in another way is refused, and never
# taken for another option or for a SOURCE.
. ./functions.sh

requires_plugin file
cd "$tmpdir"
make_disk disk 1M
make_disk ./--check 1M
touch sesame-7f3a

# reads DISK ARGUMENT...: these are read as that disk, and nothing else.
reads ()
{
    run_expecting 0 v2v-nbdkit-launch "${@:2}"
    expect grep -qF "	sda $tmpdir/$1 (raw)" "$out"
    expect test "$(grep -c '^	sd' "$out")" = 1
}

reads disk --print-source disk
reads disk disk -no-progress --print-source
reads disk --print-source -i disk -on=name disk --retries=3
reads --check -on name --print-source -- --check
reads disk -vxq --print-source disk -v -v
reads disk -i=disk --print-source disk --progress --no-progress
v2v-nbdkit-launch -dry-run disk -machine-readable=file:lines
expect test -s lines
run_expecting 2:usage:false v2v-nbdkit-launch --retries -1 -o null disk
expect_error "--retries: '-1' is not a number"

# refuses ERROR HINT ARGUMENT...
refuses ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch --print-source "${@:3}"
    expect_error "^$1\$"
    expect_hint "$2"
    expect test ! -s "$out"
    expect_nowhere 7f3a
}

# No abbreviations.
refuses 'there is no option --dry' "did you mean '--dry-run'" --dry disk
refuses 'there is no option -p' '--print-source or --parallel' -p disk
refuses 'there is no option --i' "did you mean '-i'" --i disk
refuses 'there is no option --v' 'did you mean --v' --v disk
refuses 'there is no option --op' '-ip FILE' --op sesame-7f3a disk
refuses 'there is no option --password' 'virt-customize' \
    --password=sesame-7f3a disk

# No values that are joined to letters.
refuses 'there is no option -odisk' 'not joined.* -o MODE' -odisk disk
refuses 'there is no option -osdir' 'not joined.* -os DIR' -osdir disk
refuses 'there is no option -ofqcow2' 'write -of raw.qcow2' -ofqcow2 disk
refuses 'there is no option -vo' 'not joined.* -o MODE' -vo null disk
refuses 'there is no option -z' '--help' -qz disk

# A value that is missing, for example where a shell variable is empty, and one
# too many.
refuses 'the option -on needs a value' '^-on NAME: ' disk -on
refuses 'the option -on needs a value' '^-on NAME: ' disk -on --verify
refuses 'the option --convert needs a value' '^--convert' --convert -x disk
run_expecting 2:usage:false v2v-nbdkit-launch --quiet=sesame-7f3a disk
expect_error 'the option --quiet takes no value'
expect_nowhere 7f3a

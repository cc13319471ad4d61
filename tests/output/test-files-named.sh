#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo file=PATH names the files of disks, in order: then -os is not needed, and
# what stands beside them is in their directory.
. ./functions.sh

requires_plugin file
requires_filter rate
make_disk "$tmpdir/one" 1M
make_disk "$tmpdir/two" 2M
mkdir "$tmpdir/out" "$tmpdir/other"
cd "$tmpdir"

copy=(v2v-nbdkit-launch one two -on guest)

# stored DIRECTORY FILE1 FILE2: just these, and what runs them.
stored ()
{
    expect_same one "$1/$2"
    expect_same two "$1/$3"
    expect test "$(stat -c %a "$1/$2")" = 600
    expect test "$(find "$1" -type f -printf x)" = xxx
    expect grep -q "<source file=\"$tmpdir/$1/$2\"" "$1/guest.xml"
    expect grep -q "<source file=\"$tmpdir/$1/$3\"" "$1/guest.xml"
    expect jq -e '[.disks[].target] == $ARGS.positional' "$result_file" \
        --args "$tmpdir/$1/$2" "$tmpdir/$1/$3"
    rm -r "$1"
    mkdir "$1"
}

run_expecting 0 "${copy[@]}" -o disk -oo file=out/root.img \
    -oo file='out/the data,=%.qcow2'
stored out root.img 'the data,=%.qcow2'
expect_stderr 'warning: .*file=out/the data.* will be a raw file.*-of qcow2'
expect_no_stderr 'root.img will'
# It alone says what is wanted.
run_expecting 0 "${copy[@]}" -oo file=out/1.img -oo file=out/2.img
stored out 1.img 2.img
run_expecting 0 "${copy[@]}" -o disk -oo file=out/a.img \
    -oo file=out/b.qcow2 -of qcow2
expect_stderr 'warning: .*file=out/a.img will be a qcow2 file.*-of raw'
expect_no_stderr 'b.qcow2 will'
rm out/*
run_expecting 0 "${copy[@]}" -oo file=b -os out/ -oo file=a --verify
stored out b a
run_expecting 0 "${copy[@]}" -os out -oo file=out//b -oo file=a
stored out b a
run_expecting 0 "${copy[@]}" -o disk -oo file="$tmpdir/out/b" \
    -oo file="$tmpdir/out/a" -of qcow2
expect_same_image raw two qcow2 out/a
(cd out && run_expecting 0 v2v-nbdkit-launch ../one -o disk -oo file=new)
expect_same one out/new
expect test -e out/one.xml

# Later runs know them by these names: a finished one, changed extents.
run_expecting 0 v2v-nbdkit-launch one -o disk -oo file=out/new --resume
expect jq -e '.changed == false' "$result_file"
write_random one 65536 1000
echo '[{"start":65536,"length":4096}]' >extents
run_expecting 0 v2v-nbdkit-launch one -o disk -oo file=out/new \
    --changed-extents extents
expect_same one out/new

# None has another one's names, and an interrupted run is completed.
truncate -s 200M slow
write_random slow 0 209715200
run_in_background v2v-nbdkit-launch slow -o disk -oo file=out/slow.img \
    --bandwidth 250M
wait_for test -s out/slow.part/sda
out=out2 err=err2 run_expecting 1:target-busy:true v2v-nbdkit-launch one \
    -o disk -oo file=out/slow.img
expect grep -q 'another run is writing to .*/out/slow.img' err2
under_valgrind ||
    expect grep -Eq 'slow.img \(v2v-nbdkit-launch, PID [0-9]+\)$' err2
wait_for test -e out/slow.part/journal
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:false:true
run_expecting 0 v2v-nbdkit-launch slow -o disk -oo file=out/slow.img --resume
expect_same slow out/slow.img
expect test ! -e out/slow.part

# refused ERROR OPTION...: nothing is written, nor replaced.
refused ()
{
    local error=$1 files

    shift
    files=$(find out other -printf '%p %s %T@\n')
    run_expecting 2:usage:false "${copy[@]}" -o disk "$@"
    expect_error "$error"
    expect test "$files" = "$(find out other -printf '%p %s %T@\n')"
}

refused 'the guest has 2, 1 were given' -os out -oo file=a
refused 'the guest has 2, 3 were given' -oo file=a -oo file=b -oo file=c
refused 'must be in one directory, and the others are in out' \
    -oo file=out/a -oo file=other/b
expect_hint 'names without .*-os DIR'
refused 'must be in one directory' -os out -oo file=a -oo file=other/b
refused 'is given for two disks' -oo file=out/a -oo file=out/a
ln -s new out/link
refused 'two disks have the same target' -oo file=out/new -oo file=out/link
refused 'the run itself writes' -oo file=out/guest.xml -oo file=out/a
refused 'the run itself writes' -oo file=out/b -oo file=out/guest.part
run_expecting 2:usage:false "${copy[@]}" -o qemu -oo file=out/b \
    -oo file=out/guest_VARS.fd
expect_error 'the run itself writes'
for path in '' out/ out/. ..; do
    refused 'is not the name of a file' -oo file="$path" -oo file=out/a
done
if host_devices_are_safe; then
    refused '/dev/null is a device' -oo file=/dev/null -oo file=/dev/zero
    expect_hint '-o device -oo path=/dev/null'
fi
refused 'is also a source disk' -oo file=./one -oo file=./b
refused 'name of the file is too long' -oo file=out/a \
    -oo file="out/$(printf 'n%.0s' {1..256})"
mkdir out/directory
run_expecting 1:write:false "${copy[@]}" -o disk -oo file=out/directory \
    -oo file=out/b
expect_error 'is a directory'
run_expecting 1:write:false "${copy[@]}" -o disk -oo file=absent/a \
    -oo file=absent/b
expect_error 'output directory absent'
expect_hint 'mkdir -p absent'
run_expecting 2:usage:false "${copy[@]}" -o device -oo file=out/a
expect_error "-o device has no option '-oo file'"
run_expecting 2:usage:false "${copy[@]}" -o disk -oo file=out/a \
    -oo file=out/fresh --log out/fresh
expect_error 'is a file that this run writes'
expect_nothing_left

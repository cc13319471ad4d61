#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: one run at a time on each target, whatever its name and whatever
# other targets the runs have.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 32M
mkdir "$tmpdir/links"
for name in f1 f2; do
    truncate -s 32M "$tmpdir/$name"
    ln -s "../$name" "$tmpdir/links/$name"
    ln "$tmpdir/$name" "$tmpdir/links/hard-$name"
done
targets=("$tmpdir/f2" "$tmpdir/links/f2" "$tmpdir/links/hard-f2")
if [ "$(id -u)" = 0 ]; then
    truncate -s 32M "$tmpdir/behind"
    make_loop "$tmpdir/behind"
    targets+=("$loop_device")
fi

for target in "${targets[@]}"; do
    first=$tmpdir/f2
    [ ! -b "$target" ] || first=$target
    rm -f "$tmpdir/reached"
    run_in_background v2v-nbdkit-launch -o device -oo path="$tmpdir/f1" \
        -oo path="$first" --convert "touch '$tmpdir/reached'; sleep 1000" \
        "$tmpdir/disk" "$tmpdir/disk"
    wait_for test -e "$tmpdir/reached"
    for try in --check --resume; do
        out=$tmpdir/out2 err=$tmpdir/err2 \
            run_expecting 1:target-busy:true v2v-nbdkit-launch -o device \
            -oo path="$target" --state-dir "$tmpdir/other-state" $try \
            "$tmpdir/disk"
        expect grep -Eq 'another run|busy' "$tmpdir/err2"
    done
    kill "$tool_pid"
    wait_expecting 143
done

# When nobody has it the same call does its work.
for target in "${targets[@]}"; do
    run_expecting 0 v2v-nbdkit-launch -o device -oo path="$target" \
        "$tmpdir/disk"
    expect_same "$tmpdir/disk" "$target"
done
expect_nothing_left

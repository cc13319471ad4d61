#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused is refused, with a hint, where nothing is copied that it could
# leave out, also by --check and --dry-run; as "off" it goes with everything.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
echo '[]' >"$tmpdir/extents"
mkdir "$tmpdir/out"

# refused REGEX HINT ARGUMENT...
refused ()
{
    for action in '' --check --dry-run; do
        run_expecting 2:usage:false v2v-nbdkit-launch --skip-unused on \
            $action "${@:3}" "$tmpdir/disk"
        expect_error "--skip-unused cannot be used with $1"
        expect_hint "$2"
        expect test ! -s "$out"
    done
}

refused '--run, which copies nothing' 'leave it out' --run true
refused '--in-place, which copies nothing' 'leave it out' \
    --in-place --convert true
refused '--changed-extents' 'first, full copy' -o disk -os "$tmpdir/out" \
    --changed-extents "$tmpdir/extents"
refused '--changed-extents' 'first, full copy' -o disk -os "$tmpdir/out" \
    --changed-extents "$tmpdir/extents" --convert true
refused '-o null' '--check --skip-unused on' -o null
expect test -z "$(ls -A "$tmpdir/out")"

run_expecting 2:usage:false v2v-nbdkit-launch --skip-unused auto -o null \
    "$tmpdir/disk"
expect_error "--skip-unused: 'auto' is not one of on\|off"

run_expecting 0 v2v-nbdkit-launch --skip-unused off -o null "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --skip-unused off --in-place \
    --convert true "$tmpdir/disk"
# Nothing is copied, and so nothing left out: these tell about the run.
run_expecting 0 v2v-nbdkit-launch --skip-unused on --dry-run \
    -os "$tmpdir/out" "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --skip-unused on --print-source \
    "$tmpdir/disk"
expect_nothing_left

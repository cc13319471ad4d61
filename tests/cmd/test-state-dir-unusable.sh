#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A state directory that cannot be used: a run warns of what is lost, and with
# --resume, which relies on it, nothing is done.
. ./functions.sh

requires_plugin file
requires_program jq
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"

# unusable WHY DIR [PREFIX...]
unusable ()
{
    local run=("${@:3}" "${tool[@]::${#tool[@]}-2}" --state-dir "$2"
               -os "$tmpdir/out" -on guest
               --result-file "$tmpdir/out/result" "$tmpdir/disk")

    run_expecting 0 "${run[@]}"
    expect_stderr "warning: the state directory cannot be used: .*$1"
    expect_stderr 'with --state-dir DIR.*nothing keeps other runs from'
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    rm "$tmpdir/out/guest-sda"
    run_expecting 1 "${run[@]}" --resume
    expect_error "the state directory cannot be used: .*$1"
    expect_stderr 'hint: .*--state-dir'
    expect test "$(jq -c '[.reason, .retryable, .resumable]' \
        "$tmpdir/out/result")" = '["write",false,false]'
    expect_not test -e "$tmpdir/out/guest-sda"
    run_expecting 1 "${run[@]}" --check --resume
    expect_error "the state directory cannot be used: .*$1"
}

echo >"$tmpdir/file"
unusable 'not a directory' "$tmpdir/file"
unusable 'Not a directory' "$tmpdir/file/below"
mkdir -m 0777 "$tmpdir/shared"
chmod 0777 "$tmpdir/shared"
unusable 'writable by other users' "$tmpdir/shared"

# Where nothing is written, nothing is lost.
run_expecting 0 v2v-nbdkit-launch --state-dir "$tmpdir/file" -o null \
    "$tmpdir/disk"
expect_no_stderr warning

requires_root
requires_program unshare setpriv
mkdir "$tmpdir/readonly"
if unshare --mount --propagation private true 2>/dev/null; then
    # shellcheck disable=SC2016
    unusable 'Read-only file system' "$tmpdir/readonly" \
        unshare --mount --propagation private sh -e -c '
            mount --bind "$1" "$1"
            mount -o remount,bind,ro "$1"
            shift
            exec "$@"' sh "$tmpdir/readonly"
fi

# A plain user: another user's directory, and one of the user's own, which is
# made, with those above it.
chmod 0755 "$tmpdir"
rm -rf "$tmpdir"/out/*
chmod 1777 "$tmpdir/out" "$tmpdir/tmp"
mkdir -m 0777 "$tmpdir/nobody"
chmod 0777 "$tmpdir/nobody"
as_nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups
           env -u XDG_STATE_HOME HOME="$tmpdir/nobody")
requires "${as_nobody[@]}" "$tool_program" --version
chmod 0644 "$tmpdir/disk"
unusable 'Permission denied|written by other users' "$tmpdir/readonly" \
    "${as_nobody[@]}"
state=$tmpdir/nobody/.local/state/v2v-nbdkit-launch
for expected in true false; do
    run_expecting 0 "${as_nobody[@]}" "$tool_mark" \
        "$tool_program" -q --resume \
        -os "$tmpdir/out" -on other --result-file "$tmpdir/out/result" \
        "$tmpdir/disk"
    expect test "$(jq .changed "$tmpdir/out/result")" = $expected
done
expect_no_stderr .
expect test "$(stat -c '%a %u' "$state")" = '700 65534'

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place, killed before each step that creates or removes a record: the
# same command, with another TMPDIR, brings the disks to their end, and what
# the killed run has left is gone then.
. ./functions.sh

requires_plugin file
requires_program qemu-io strace
requires strace -o /dev/null true
make_disk "$tmpdir/before" 1M
cp "$tmpdir/before" "$tmpdir/expected"
qemu-io -f raw -c 'write -P 7 100k 70k' "$tmpdir/expected" >/dev/null
convert="echo x >>'$tmpdir/converted'
for uri in \"\$V2V_OVERLAY_URI_0\" \"\$V2V_OVERLAY_URI_1\"; do
    qemu-io -f raw -c 'write -P 7 100k 70k' \"\$uri\" || exit 1
done"
command=(--in-place --convert "$convert" "$tmpdir/a" "$tmpdir/b")
state=$(printf '%s\0' "$tmpdir/a" "$tmpdir/b" | sha256sum | cut -c1-32)
a=$tmpdir/a.v2v-in-place b=$tmpdir/b.v2v-in-place
state=$state_dir/$state.in-place

# killed_before SYSCALL PATH CONVERSIONS: the run is killed when it is about to
# do that, and the next one makes CONVERSIONS conversions in all.
killed_before ()
{
    local i

    rm -f "$tmpdir/converted"
    cp "$tmpdir/before" "$tmpdir/a"
    cp "$tmpdir/before" "$tmpdir/b"
    # LeakSanitizer cannot work under strace.
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
        run_expecting 137 strace -o "$tmpdir/logs/strace" -P "$2" \
        -e trace="$1" -e inject="$1":signal=KILL "${tool[@]}" "${command[@]}"
    for ((i = 0; i < 200; i++)); do
        [ -n "$(marked_processes "$tool_mark")" ] || break
        sleep 0.05
    done
    TMPDIR=$tmpdir/home run_expecting 0 v2v-nbdkit-launch "${command[@]}"
    expect_same "$tmpdir/expected" "$tmpdir/a"
    expect_same "$tmpdir/expected" "$tmpdir/b"
    expect test "$(wc -l <"$tmpdir/converted")" = "$3"
    expect test "$(find "$tmpdir" -name '*in-place*')" = ''
    expect_nothing_left
}

killed_before rename "$state.tmp" 2
killed_before rename "$b.tmp" 2
killed_before rename "$a.new.tmp" 2
killed_before rename "$a.new" 2
killed_before unlink "$a" 1
# The disks are complete; their being converted twice is the caller's wish.
killed_before unlink "$b" 2
killed_before unlink "$state" 2

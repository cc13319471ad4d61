#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place, killed before each step that creates or removes a record: the
# same command, with another TMPDIR, brings the disks to their end, and what
# the killed run has left is gone then.  With --resume it does not convert
# what has been written to the disks.
. ./functions.sh
. "$abs_srcdir/storage.sh"

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

mkdir "$stable"

make_disks ()
{
    rm -f "$tmpdir/converted" "$state_dir"/*.converted
    cp "$tmpdir/before" "$tmpdir/a"
    cp "$tmpdir/before" "$tmpdir/b"
}

# expect_done CONVERSIONS: the next run makes CONVERSIONS conversions in all.
expect_done ()
{
    local i

    for ((i = 0; i < 200; i++)); do
        [ -n "$(marked_processes "$tool_mark")" ] || break
        sleep 0.05
    done
    TMPDIR=$tmpdir/home run_expecting 0 v2v-nbdkit-launch "${command[@]}"
    expect_same "$tmpdir/expected" "$tmpdir/a"
    expect_same "$tmpdir/expected" "$tmpdir/b"
    expect test "$(wc -l <"$tmpdir/converted")" = "$1"
    expect test "$(find "$tmpdir" -name '*in-place*')" = ''
    expect_nothing_left
}

# traced STATUS OPTION...: LeakSanitizer cannot work under strace.
traced ()
{
    make_disks
    ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
        run_expecting "$1" strace -o "$tmpdir/logs/strace" "${@:2}" \
        "${tool[@]}" "${command[@]}"
}

# look_at_steps: which calls there are in a run that is not killed.
look_at_steps ()
{
    traced 0 -e trace=renameat,unlinkat
    cp "$tmpdir/logs/strace" "$tmpdir/logs/steps"
}

# killed_before CALL PATH CONVERSIONS: the run is killed when it is about to
# do that.
killed_before ()
{
    local call=$1at number

    number=$(grep "^$call(" "$tmpdir/logs/steps" |
                 grep -n "^$call([0-9]*, \"${2##*/}\"," | head -n 1 | cut -d: -f1)
    expect test -n "$number"
    traced 137 -e trace="$call" -e inject="$call:signal=KILL:when=$number"
    # It was this one.
    expect grep -q "^$call([0-9]*, \"${2##*/}\"," <(
        grep "^$call(" "$tmpdir/logs/strace" | tail -n 1)
    expect_done "$3"
}

# removing_overlays CONVERSIONS: it is killed when it removes the overlays.
# Its guard can do nothing, either.
removing_overlays ()
{
    make_disks
    run_expecting 137 "${recorder[@]}" V2V_TEST_STABLE="$stable" \
        V2V_TEST_CALL_FAILS='0 unlink 1 v2v-nbdkit-launch */sda.qcow2' \
        "${tool[@]}" "${command[@]}"
    rm -r "$stable"
    mkdir "$stable"
    expect_done "$1"
}

look_at_steps
killed_before rename "$state.tmp" 2
killed_before rename "$b.tmp" 2
killed_before rename "$a.new.tmp" 2
killed_before rename "$a.new" 2
# Before the records are no longer valid.
killed_before rename "${state%.in-place}.converted.tmp" 1
# The disks are complete; their being converted twice is the caller's wish.
killed_before unlink "$b" 2
killed_before unlink "$state" 2
removing_overlays 2
killed_before unlink "$a.new" 2
command+=(--resume)
look_at_steps
killed_before rename "${state%.in-place}.converted.tmp" 1
killed_before unlink "$b" 1
killed_before unlink "$state" 1
removing_overlays 1
killed_before unlink "$a.new" 1

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each call that asks something of storage fails in turn (see each_call).
# If the status is 0 all the same the target is whole, also
# after a loss of power; if not, --resume makes it whole from what is left.
# (V2V_TEST_LONG=1: with all kinds of targets, and after each failure.)
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_program qemu-io
truncate -s 2M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((1 << 20))
out_dir=$tmpdir/out

prepare ()
{
    rm -rf "$out_dir" "$TMPDIR" "$tmpdir/state"
    mkdir "$out_dir" "$TMPDIR" "$tmpdir/state"
    [ $kind != device ] || truncate -s 2M "$out_dir/guest-sda"
    power_on "$out_dir" "$TMPDIR" "$tmpdir/state"
}

expect_whole ()
{
    expect_same_image raw "$tmpdir/disk" "$format" "$out_dir/guest-sda"
    [ "$kind" = device ] || expect test -s "$out_dir/guest.xml"
}

# status_of FAILURE: what the status may be.
status_of ()
{
    case $1 in
        # What qemu-nbd could not write once was tried again.
        *pwrite*qemu-nbd*) echo '[068]' ;;
        *" $out_dir/guest-sda"*|*" $out_dir/guest.part/"[sx]*)
            case $1 in
                28*) echo 8 ;;
                *) echo 6 ;;
            esac ;;
        *" fsync "*" $out_dir")
            # Names must be stable before the journal may go.
            # shellcheck disable=SC2086
            set -- $1
            if [ "$3" -gt "$syncs_before_names" ] &&
                    [ "$3" -le "$syncs_before_end" ]; then
                echo "[68]"
            else
                echo '[0-8]'
            fi ;;
        *) echo '[0-8]' ;;
    esac
}

# syncs_before CALL: how often the directory was synced before it.
syncs_before ()
{
    sed "\\: $1\$:,\$d" "$calls" | grep -c " fsync 0 $out_dir\$" || :
}

# fail_each ERRNO ARGUMENT...
fail_each ()
{
    local errnum=$1 call got

    prepare
    recorded 0 "${@:2}" "$tmpdir/disk"
    expect_whole
    each_call >"$tmpdir/each"
    syncs_before_names=$(syncs_before "rename 0 .* $out_dir/guest-sda")
    syncs_before_end=$(syncs_before "unlink 0 $out_dir/guest.part/journal.reserve")
    expect test "$(wc -l <"$tmpdir/each")" -gt 5
    while read -r call; do
        [ -n "${V2V_TEST_LONG-}" ] || is_important "$call" || continue
        prepare
        recorded_failing "$(status_of "$errnum $call")" "$errnum $call" \
            "${@:2}" "$tmpdir/disk"
        got=$last_status
        echo "$kind: $errnum $call: $got" >&2
        power_back
        [ $got != 0 ] || expect_whole
        if [ $got != 0 ] && is_telling "$call"; then
            run_expecting 0 v2v-nbdkit-launch "${@:2}" --resume "$tmpdir/disk"
            expect_whole
        fi
    done <"$tmpdir/each"
}

# The rest is for V2V_TEST_LONG=1: what fails there fails in the same way.
is_important ()
{
    case "$kind: $errnum $1" in
        *' qemu-img '*) return 1 ;;
        raw:*) [[ $1 == *" $out_dir"* && $1 != *journal.tmp &&
                      $1 != ftruncate* ]] ;;
        qcow2:*) [[ $1 == f*sync*" $out_dir/guest.part/sda"* ]] ;;
        device:*) [[ $1 == *" $out_dir/guest-sda"* ]] ;;
        *) [[ $1 == fallocate* ]] ;;
    esac
}

# Is it worth while to try what --resume makes of it?
is_telling ()
{
    case $1 in
        *sync*" $out_dir/guest"[.-]*sda*) return 0 ;;
        *) [ -n "${V2V_TEST_LONG-}" ] ;;
    esac
}

for kind in raw qcow2 device preallocated; do
    command=(-o disk -os "$out_dir" -on guest)
    format=raw
    case $kind in
        preallocated) command+=(-oa preallocated) ;;
        qcow2) format=qcow2
               command+=(-of qcow2) ;;
        device) command=(-o device -oo path="$out_dir/guest-sda") ;;
    esac
    fail_each 5 "${command[@]}"
    [ -z "${V2V_TEST_LONG-}" ] || fail_each 28 "${command[@]}"
done

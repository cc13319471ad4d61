#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run that is killed while it copies and converts, while it finishes the copy
# after the conversion, or while it copies what the conversion wrote, is
# resumed; another conversion may write something else.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_filter rate
make_ahead disk
truncate -s 157286400 "$tmpdir/disk"
write_random "$tmpdir/disk" 134217728 20000000
# What each of three conversions makes of it: the second does not write to all
# that the first wrote.
for times in 1 2 3; do
    make_changes "$tmpdir/changes-$times" 157286400
    # Of a chunk that it does not write to all that is stored is believed.
    [ $times != 3 ] || echo 'write -P 3 149M 512' >"$tmpdir/changes-3"
    make_want disk $times
done
cat >"$tmpdir/convert" <<END
echo once >>"$tmpdir/converted"
times=\$(wc -l <"$tmpdir/converted")
qemu-io -f raw "\$V2V_OVERLAY_URI_0" <"$tmpdir/changes-\$times" >/dev/null
echo >"$tmpdir/changed"
echo 250M >"$tmpdir/rate"
while [ -e "$tmpdir/wait" ]; do sleep 0.05; done
END
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/overlays"
journal=$tmpdir/out/guest.part/journal
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --verify
      --overlay-dir "$tmpdir/overlays" --bandwidth-file "$tmpdir/rate"
      --convert "sh '$tmpdir/convert'" "$nbdkit_uri")

# begin RATE [OPTION...]: a run that waits in its conversion.
begin ()
{
    rm -rf "$tmpdir/out" "$tmpdir/converted" "$tmpdir/changed"
    mkdir "$tmpdir/out"
    touch "$tmpdir/wait"
    echo "$1" >"$tmpdir/rate"
    run_in_background "${copy[@]}" "${@:2}"
    wait_for test -e "$tmpdir/changed"
}

# More than a chunk is.
is_stored ()
{
    [ "$(stat -c %b "$tmpdir/out/guest.part/sda")" -gt $((70 << 11)) ]
}

# More than LINES, of which the last one has a chunk.
has_more ()
{
    [ "$(wc -l <"$journal")" -gt $(($1 + 1)) ] &&
        tail -n 1 "$journal" | grep -q digests
}

# end_with SIGNAL
end_with ()
{
    kill -"$1" "$tool_pid"
    case $1 in
        KILL) wait_expecting 137 ;;
        *) wait_expecting '143:interrupted:false:true|143:interrupted:true:true' ;;
    esac
    expect_nothing_left
}

# resumed TIMES [OPTION...]: after TIMES conversions.
resumed ()
{
    rm -f "$tmpdir/wait"
    echo 10G >"$tmpdir/rate"
    run_expecting 0 "${copy[@]}" --resume "${@:2}"
    expect test "$(wc -l <"$tmpdir/converted")" = "$1"
    expect_same "$tmpdir/want-$1" "$tmpdir/out/guest-sda"
    expect test "$(count_result verified)" = true
    expect test -z "$(ls -A "$tmpdir/overlays")"
    expect_nothing_left
}

for signal in TERM KILL; do
    # While it converts, before a chunk is stored: nothing is left of it.
    begin 400M
    kill -$signal "$tool_pid"
    wait_expecting '143:interrupted:true|137'
    expect_nothing_left
    expect test -z "$(ls -A "$tmpdir/out")"
    resumed 2

    # When some chunks are stored, but nobody would resume: as before.
    begin 400M
    wait_for is_stored
    kill -$signal "$tool_pid"
    wait_expecting '143:interrupted:true|137'
    expect_nothing_left
    expect test -z "$(ls -A "$tmpdir/out")"

    # With --resume they are kept.
    for option in '' '--copy-while-converting off'; do
        begin 400M --resume
        wait_for test -e "$journal"
        end_with $signal
        # shellcheck disable=SC2086
        resumed 2 $option
        expect test "$(count_result bytes_read)" -lt 150000000
    done

    # When a run that resumed this one has converted, and copied a chunk of
    # that, and what it has converted is gone.
    begin 400M --resume
    wait_for test -e "$journal"
    end_with $signal
    rm "$tmpdir/changed"
    lines=$(wc -l <"$journal")
    run_in_background "${copy[@]}" --resume --copy-while-converting off
    wait_for test -e "$tmpdir/changed"
    echo 50M >"$tmpdir/rate"
    rm "$tmpdir/wait"
    wait_for grep -q 'Resuming the interrupted copy' "$err"
    wait_for has_more "$lines"
    end_with $signal
    rm -rf "$tmpdir"/overlays/*
    resumed 3

    # After the conversion, when the source is not copied yet.
    begin 400M
    wait_for is_stored
    echo 1M >"$tmpdir/rate"
    rm "$tmpdir/wait"
    wait_for grep -q '^.*Copying$' "$err"
    wait_for test -e "$journal"
    end_with $signal
    resumed 1

    # After the conversion, when the overlays are gone.
    begin 400M
    wait_for is_stored
    echo 1M >"$tmpdir/rate"
    rm "$tmpdir/wait"
    wait_for grep -q '^.*Copying$' "$err"
    wait_for test -e "$journal"
    end_with $signal
    rm -rf "$tmpdir"/overlays/*
    resumed 2
done


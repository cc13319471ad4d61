#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a run and its guard leave when both are killed, the next run of this
# user removes; but nothing that somebody needs, or that is not ours.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/overlays" "$tmpdir/out"
next=(v2v-nbdkit-launch -q -if raw -o null --overlay-dir "$tmpdir/overlays"
      "$tmpdir/disk")
# A program of COMMAND that nobody ends, and that writes to the overlay.
cat >"$tmpdir/convert" <<END
setsid sh -c 'trap "" HUP; while sleep 0.1; do date >>"\$0"; done' \
    "$tmpdir/alive" &
qemu-io -f raw -c "write -P 7 0 1M" "\$V2V_OVERLAY_URI_0" >/dev/null
touch "$tmpdir/reached"
sleep 1000
END
start_converting ()
{
    rm -f "$tmpdir/reached"
    run_in_background v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -on "$1" --overlay-dir "$tmpdir/overlays" \
        --convert "sh '$tmpdir/convert'" "$tmpdir/disk"
    wait_for test -e "$tmpdir/reached"
}

start_converting live
live=$tool_pid
find "$TMPDIR" "$tmpdir/overlays" >"$tmpdir/of-live"
live_guard=$(children_called v2v-guard)
start_converting dead
# shellcheck disable=SC2046
kill -KILL $(children_called v2v-guard | grep -vx "$live_guard") "$tool_pid"
wait_expecting 137
find "$TMPDIR" "$tmpdir/overlays" >"$tmpdir/of-both"
expect test "$(wc -l <"$tmpdir/of-both")" -gt "$(wc -l <"$tmpdir/of-live")"

# These only look like ours, or are another user's.
mkdir -m 0700 "$TMPDIR/v2v.aaaaaa" "$TMPDIR/v2v.bbbbbb" "$tmpdir/elsewhere"
echo precious >"$TMPDIR/v2v.aaaaaa/file"
owner_of_dead=$(comm -13 <(sort "$tmpdir/of-live") <(sort "$tmpdir/of-both") |
    grep -m1 '/tmp/.*/\.v2v-owner$')
cp "$owner_of_dead" "$tmpdir/elsewhere"
ln -s "$tmpdir/elsewhere" "$TMPDIR/v2v.cccccc"
mkdir -m 0700 "$TMPDIR/v2v.dddddd"
ln -s "$owner_of_dead" "$TMPDIR/v2v.dddddd/.v2v-owner"
mkdir -m 0700 "$TMPDIR/v2v.eeeeee"
: >"$TMPDIR/v2v.eeeeee/.v2v-owner"
others=("$TMPDIR"/v2v.{aaaaaa,bbbbbb,cccccc,dddddd,eeeeee})
# Of another boot, and needed then.
mkdir -m 0700 "$TMPDIR"/v2v.{iiiiii,jjjjjj}
printf 'another-boot\n1:2\n/none/guest.journal\0' \
    >"$TMPDIR/v2v.iiiiii/.v2v-owner"
others+=("$TMPDIR/v2v.iiiiii")
# Emptied by a guard that was killed then; v2v.bbbbbb may be one of a run that
# begins.
mkdir -m 0700 "$TMPDIR/v2v.kkkkkk"
touch -d '2 minutes ago' "$TMPDIR/v2v.kkkkkk" "$TMPDIR/v2v.aaaaaa"
# Of another boot: on a file system that other hosts may use, nobody knows.
printf 'another-boot\n\n\0' >"$TMPDIR/v2v.jjjjjj/.v2v-owner"
case $(stat -f -c %T "$TMPDIR") in
    ext*|xfs|btrfs|f2fs|tmpfs|overlayfs) ;;
    *) others+=("$TMPDIR/v2v.jjjjjj") ;;
esac
if [ "$(id -u)" = 0 ]; then
    for i in f g h; do
        others+=("$TMPDIR/v2v.$i$i$i$i$i$i")
        cp -r "${owner_of_dead%/*}" "${others[-1]}"
    done
    chown -R 65534 "$TMPDIR/v2v.ffffff"
    chown 65534 "$TMPDIR/v2v.gggggg" "$TMPDIR/v2v.hhhhhh/.v2v-owner"
fi
find "${others[@]}" "$tmpdir/elsewhere" >"$tmpdir/of-others"

run_expecting 0 "${next[@]}"
find "$TMPDIR" "$tmpdir/overlays" "$tmpdir/elsewhere" | sort >"$tmpdir/now"
sort -u "$tmpdir/of-live" "$tmpdir/of-others" |
    diff -u - "$tmpdir/now" >&2 || fail 'not what was needed has stayed'
rm -r "${others[@]}"

# The live run was not disturbed, and then nothing is left.
expect is_running "$live"
tool_pid=$live
kill -TERM "$tool_pid"
wait_expecting 143
expect_nothing_left
expect test -z "$(ls -A "$tmpdir/overlays")"

# What was to be kept stays.
run_expecting 0 "${next[@]}" --keep-overlay
kept=$(ls "$tmpdir/overlays")
expect test -n "$kept"
run_expecting 0 "${next[@]}"
expect test "$(ls "$tmpdir/overlays")" = "$kept"
expect test "$(ls -A "$tmpdir/overlays/$kept")" = sda.qcow2

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Overlays that a record of --in-place names stay when the run and its guard
# are killed; those that no record names yet do not.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/before" 4M
cp "$tmpdir/before" "$tmpdir/want"
qemu-io -f raw -c "write -P 0x5a 1M 1M" "$tmpdir/want" >/dev/null
make_disk "$tmpdir/small" 1M
other=(v2v-nbdkit-launch -q -if raw -o null "$tmpdir/small")
# The server from which the overlay is written back starts late.
mkdir "$tmpdir/bin"
cat >"$tmpdir/bin/qemu-nbd" <<END
#!/bin/sh
case " \$* " in
*" --read-only "*)
    [ -e "$tmpdir/disk.v2v-in-place" ] || exec "$(type -P qemu-nbd)" "\$@"
    touch "$tmpdir/reached"
    while [ ! -e "$tmpdir/go" ]; do sleep 0.05; done ;;
esac
exec "$(type -P qemu-nbd)" "\$@"
END
chmod +x "$tmpdir/bin/qemu-nbd"
PATH=$tmpdir/bin:$PATH
convert='echo >>converted
    qemu-io -f qcow2 -c "write -P 0x5a 1M 1M" "$overlay" >/dev/null'
# That qemu-nbd writes where the real one has no business.
command=(v2v-nbdkit-launch -if raw --in-place --confine off
         --convert "cd '$tmpdir'; $convert" "$tmpdir/disk")

kill_both ()
{
    # shellcheck disable=SC2046
    kill -KILL $(children_called v2v-guard) "$tool_pid"
    wait_expecting 137
    touch "$tmpdir/go"
}

cp "$tmpdir/before" "$tmpdir/disk"
run_in_background "${command[@]}"
wait_for test -e "$tmpdir/reached"
kill_both
expect_same "$tmpdir/before" "$tmpdir/disk"
run_expecting 0 "${other[@]}"
expect test "$(ls "$TMPDIR")" != ''
expect test "$(ls "$TMPDIR"/*)" = sda.qcow2
mkdir "$tmpdir/precious"
sed 's,"overlays":.*,"overlays":"'"$tmpdir/precious"'"\,,' \
    "$tmpdir/disk.v2v-in-place" >"$tmpdir/staged"
run_expecting 0 "${command[@]}"
expect_same "$tmpdir/want" "$tmpdir/disk"
expect test "$(wc -l <"$tmpdir/converted")" = 1
expect_nothing_left

cp "$tmpdir/before" "$tmpdir/disk"
rm -f "$tmpdir/go"
run_in_background v2v-nbdkit-launch -if raw --in-place \
    --convert "touch '$tmpdir/go2'; sleep 1000" "$tmpdir/disk"
wait_for test -e "$tmpdir/go2"
kill_both
run_expecting 0 "${other[@]}"
expect_same "$tmpdir/before" "$tmpdir/disk"
expect_nothing_left

# A directory whose name is not one of ours is not removed.
mv "$tmpdir/staged" "$tmpdir/disk.v2v-in-place.new"
run_expecting 0 v2v-nbdkit-launch -if raw --in-place --convert true \
    "$tmpdir/disk"
expect test -d "$tmpdir/precious"
expect test ! -e "$tmpdir/disk.v2v-in-place.new"

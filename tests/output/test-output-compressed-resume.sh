#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A compressed qcow2 that was interrupted is made again from the beginning with
# --resume; one that was complete, but had not its name yet, is finished.
. ./functions.sh

requires_plugin file
requires_filter rate
mkdir "$tmpdir/out"
truncate -s 200000512 "$tmpdir/disk"
for offset in 1000 70000000 140000000 199990512; do
    write_random "$tmpdir/disk" $offset 10000
done
write_random "$tmpdir/disk" 80000000 20000000
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -of qcow2
      -oo compressed -on guest --resume "$tmpdir/disk")

run_in_background "${copy[@]}" --bandwidth 20M
wait_for test -s "$tmpdir/out/guest.part/journal"
sleep 0.5
kill -KILL "$tool_pid"
wait "$tool_pid" 2>/dev/null || true
tool_pid=
wait_for expect_nothing_left
run_expecting 0 "${copy[@]}"
expect_stderr 'cannot be completed: .* copied from the beginning'
expect qemu-img check -q "$tmpdir/out/guest-sda"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out"
mkdir "$tmpdir/out"

# qemu-img gives the image its size when all is written: there it fails once.
mkdir "$tmpdir/bin"
cat >"$tmpdir/bin/qemu-img" <<END
#!/bin/sh
case \$1 in
    resize) echo 'no luck today' >&2; exit 1 ;;
esac
exec '$(type -P qemu-img)' "\$@"
END
chmod +x "$tmpdir/bin/qemu-img"
PATH=$tmpdir/bin:$PATH run_expecting 6 "${copy[@]}"
expect_error 'qemu-img resize: no luck today'
run_expecting 0 "${copy[@]}"
expect_no_stderr 'from the beginning'
expect qemu-img check -q "$tmpdir/out/guest-sda"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
expect test "$(qemu-img info --output=json "$tmpdir/out/guest-sda" |
    jq '."virtual-size"')" = 200000512
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check with --skip-unused on tells of each file system what it is, how large,
# and how much of it is used, or why all of it is copied; without it nothing.
. ./functions.sh
PATH=$PATH:/usr/sbin:/sbin

requires_plugin file
requires_program mke2fs debugfs mkswap sfdisk qemu-img jq
MiB=1048576

# put FILE START: as a partition of the disk, of which START is in MiB.
put ()
{
    dd if="$1" of="$tmpdir/disk" bs=$MiB seek="$2" conv=notrunc,sparse \
        status=none
}

truncate -s 30M "$tmpdir/clean" "$tmpdir/dirty"
truncate -s 10M "$tmpdir/swap"
mke2fs -q -t ext4 -b 1024 "$tmpdir/clean"
mke2fs -q -t ext4 -b 1024 "$tmpdir/dirty"
debugfs -w -R 'set_super_value state 0' "$tmpdir/dirty" 2>/dev/null
mkswap "$tmpdir/swap" >/dev/null 2>&1
truncate -s 80M "$tmpdir/disk"
sfdisk -q "$tmpdir/disk" <<'END'
label: dos
start=2048, size=61440, type=83
start=63488, size=61440, type=83
start=124928, size=20480, type=82
start=145408, size=10240, type=83
END
put "$tmpdir/clean" 1
put "$tmpdir/dirty" 31
put "$tmpdir/swap" 61
used=$(dumpe2fs -h "$tmpdir/clean" 2>/dev/null | awk -F: '
    $1 == "Block count" { n = $2 } $1 == "Free blocks" { n -= $2 }
    END { print n * 1024 }')
expect test "$used" -gt 0

# expect_filesystems: the last --check has told of them.
expect_filesystems ()
{
    expect_stdout "^ok +sda filesystem: sda1: ext4, clean, 30 MiB, of which [0-9.]+ [KM]iB are used$"
    expect_stdout "^warning +sda filesystem: sda2: ext4, 30 MiB, copied whole: it was not cleanly unmounted$"
    expect_stdout "^warning +sda filesystem: sda3: swap, 10 MiB, copied whole: the guest was not shut down$"
    expect_stdout "^ok +sda filesystem: sda4: 5 MiB, copied whole: "
    expect test "$(grep -c ' filesystem: ' "$out")" = 4
    jq -e --argjson used "$used" '.disks | length == 1 and
        (.[0] | .disk == 0 and (.filesystems | length == 4 and
         (.[0] | .name == "sda1" and .kind == "ext4" and
                 .size == 31457280 and .used == $used and .reason == null) and
         (.[1] | .name == "sda2" and .used == .size and
                 (.reason | length > 0)) and
         (.[2] | .kind == "swap" and .used == .size and
                 (.reason | length > 0)) and
         (.[3] | has ("kind") | not)))' "$tmpdir/result" >&2
}

check=(v2v-nbdkit-launch --check --result-file "$tmpdir/result")
run_expecting 0 "${check[@]}" --skip-unused on "$tmpdir/disk"
expect_filesystems
expect_no_stdout '^error'

# A conversion may change them, but it has not run yet.
run_expecting 0 "${check[@]}" --skip-unused on --convert false \
    -os "$tmpdir" "$tmpdir/disk"
expect_filesystems

# An image is read as the run reads it.
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
run_expecting 0 "${check[@]}" --skip-unused on "$tmpdir/disk.qcow2"
expect_filesystems

# Where nothing would be left out, that is said.
run_expecting 0 "${check[@]}" --skip-unused on "$tmpdir/dirty"
expect_stdout '^warning +sda filesystem: sda: ext4, .* copied whole: '
expect_stdout '^warning +filesystem: no file system says what it does not use'

run_expecting 0 "${check[@]}" "$tmpdir/disk"
expect_no_stdout 'filesystem'
expect jq -e '.disks == []' "$tmpdir/result" >&2
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A plugin or a filter of the user's own choice, or a script of the user's,
# opens what the user may: only the user knows what it needs.  -v says so.
. ./functions.sh

requires_plugin sh
requires_filter gzip
requires_landlock
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/apart"

cat >"$tmpdir/apart/plugin" <<'EOP'
#!/bin/sh
case $1 in
    get_size) stat -c %s "${0%/*}/../disk" ;;
    pread) dd if="${0%/*}/../disk" iflag=skip_bytes,count_bytes \
        skip="$4" count="$3" status=none ;;
    *) exit 2 ;;
esac
EOP
chmod +x "$tmpdir/apart/plugin"
run_expecting 0 v2v-nbdkit-launch -v -i nbdkit sh "script=$tmpdir/apart/plugin" \
    -os "$tmpdir" -on sh
expect_stderr "in0: nbdkit is not confined, because only .* what 'sh' opens"
expect cmp "$tmpdir/disk" "$tmpdir/sh-sda"

# So may a filter; but where gzip's temporary file is, is known.
requires_filter cow
run_expecting 0 v2v-nbdkit-launch -v "$tmpdir/disk" -io filter=cow \
    -os "$tmpdir" -on cow
expect_stderr "in0: nbdkit is not confined, because only .* 'cow' opens"
expect cmp "$tmpdir/disk" "$tmpdir/cow-sda"
gzip -k "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -v "$tmpdir/disk.gz" -io filter=gzip \
    -os "$tmpdir" -on gzip
expect_no_stderr 'nbdkit is not confined'
expect cmp "$tmpdir/disk" "$tmpdir/gzip-sda"

# Filters that only change bytes need no file.
look_around nbdkit
look_expecting 0 v2v-nbdkit-launch -v "$tmpdir/disk" -io filter=noextents \
    -o null
expect_no_stderr 'nbdkit is not confined'
expect_looks no nbdkit
expect_nothing_left

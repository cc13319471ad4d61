#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What --skip-unused leaves out needs no space at the target; what a conversion
# will leave is not known, and no reason to refuse the run.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_root
make_lived_in "$tmpdir/disk" 64
# Without any hole all estimates would be vague.
truncate -s 65M "$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/want"
free_runs "$tmpdir/disk" | zero_runs "$tmpdir/want"
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
mkdir "$tmpdir/out"
cat >"$tmpdir/inside" <<END
mount -t tmpfs -o size=\$1 none "$tmpdir/out"
shift
"\$@"
status=\$?
cmp "$tmpdir/want" "$tmpdir/out/guest-sda" && : >"$tmpdir/copied"
exit \$status
END
requires unshare --mount --propagation private \
    mount -t tmpfs none "$tmpdir/out"

# in_space SIZE STATUS ARGUMENT...
in_space ()
{
    rm -f "$tmpdir/copied"
    resolve v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "${@:3}"
    run_expecting "$2" unshare --mount --propagation private \
        sh "$tmpdir/inside" "$1" "${resolved[@]}"
}

in_space 30M 8:space:false "$tmpdir/disk"
expect_error 'MiB are needed'
for source in "$tmpdir/disk" "$tmpdir/disk.qcow2"; do
    in_space 30M 0 --skip-unused on "$source"
    expect test -e "$tmpdir/copied"
    expect_no_stderr 'may not have enough space'
    in_space 30M 0 --skip-unused on --convert true "$source"
    expect test -e "$tmpdir/copied"
    expect_stderr 'may not have enough space'
    in_space 30M 0 --skip-unused on --check "$source"
done
in_space 4M 8:space:false --skip-unused on "$tmpdir/disk"
expect_error 'are needed, 4 MiB are free'
in_space 4M 8:space:false --skip-unused on --check "$tmpdir/disk"
in_space 30M 8:space:false --skip-unused on -oa preallocated "$tmpdir/disk"
expect_error 'MiB are needed'
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A mistyped option, mode or value gets the nearest right one as a hint.
. ./functions.sh

touch "$tmpdir/disk"
typed ()
{
    local regex=$1

    shift
    run_expecting 2:usage:false v2v-nbdkit-launch "$@"
    expect_hint "$regex"
}

typed "'--convert'" --convret true "$tmpdir/disk"
typed "'--dry-run'" --dryrun "$tmpdir/disk"
typed "'--readahead'" "$tmpdir/disk" --readahed on -o null
typed '--print-source or --parallel' -p
typed "'-i libvirt'" -i libvrt guest
typed "'-o disk'" -o dsk "$tmpdir/disk"
typed "'-o null'" --dry-run -o nul "$tmpdir/disk"
typed "'-io ssh-identity'" -io ssh-identify=id -o null "$tmpdir/disk"
typed "'-oo compressed'" -o disk -os "$tmpdir" -oo compresed "$tmpdir/disk"
typed "'qcow2'" -of qcow -o null "$tmpdir/disk"
typed "'off'" --readahead of -o null "$tmpdir/disk"
typed '-os DIR' -os
typed "'-o'" "$tmpdir/disk" --o null
typed "'-i'" --i=disk "$tmpdir/disk"
typed '-ic vpx://\.\.\. GUEST' -i vpx guest
typed '-ic esx://' -i esx guest
typed '-ic xen\+ssh://' -i xen guest
typed "'--parallel'" --par
typed "'-i disk'" -i local -o null "$tmpdir/disk"

# Nothing is near these.
run_expecting 2:usage:false v2v-nbdkit-launch --carrot
expect_hint '--help'
expect_no_stderr 'did you mean'
run_expecting 2:usage:false v2v-nbdkit-launch -qz "$tmpdir/disk"
expect_error 'no option -z'
run_expecting 2:usage:false v2v-nbdkit-launch -qö "$tmpdir/disk"
expect_error 'no option -qö'
run_expecting 2:usage:false v2v-nbdkit-launch --quiet=3 "$tmpdir/disk"
expect_error '--quiet takes no value'

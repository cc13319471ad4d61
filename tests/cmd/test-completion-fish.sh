#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completion for fish, asked by fish itself.
. ./functions.sh

requires_program fish
. "$abs_srcdir/cmd/completion.sh"

# offers WANTED LINE: exactly these, newlines between them.
offers ()
{
    fish --no-config -c "source '$abs_top_srcdir/completion/v2v-nbdkit-launch.fish'
        complete --do-complete \$argv[1]" "v2v-nbdkit-launch $2" |
        cut -f 1 | sort >"$tmpdir/got"
    expect diff <(sed '/^$/d' <<<"$1" | sort) "$tmpdir/got" >&2
}

offers --readahead --reada
offers $'libvirt\nlibvirtxml' '-i lib'
offers --selinux=off '--selinux=of'
offers $'zero=auto\nzero=write\nzero=discard\nzero=skip' \
    'disk.img -o device -oo zero='
offers $'qemu:///session\nqemu:///system' '-ic qemu:'
offers $'disk.img\ndir/' 'di'
offers 'dir/' '-os '
offers 'disk.img' '--log disk'
offers '--log=disk.img' '--log=disk'
offers 'ssh-identity=disk.img' '-io ssh-identity=disk'
offers $'disk.img\nother disk.img\ndir/' ''
offers 'qcow2' "'other disk.img' -of qc"
offers '' '--retries '

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A compressed disk is read through nbdkit's filter from any source: as large
# as it is unpacked, by one nbdkit and one connection.
. ./functions.sh

requires_plugin file
requires_filter gzip
requires_filter xz
requires_filter retry
requires_program gzip xz
mkdir "$tmpdir/out" "$tmpdir/www"
cd "$tmpdir/www"
make_disk ../raw 3M
gzip -c ../raw >raw.gz
xz --block-size=256KiB -c ../raw >raw.xz
start_nginx
start_sshd

# read_through FILTER ARGUMENT...
read_through ()
{
    run_expecting 0 v2v-nbdkit-launch --check -io filter="$1" "${@:2}"
    expect_stdout 'size: 3 MiB \(3145728 bytes\)'
    expect_stdout 'connections: .*the copy uses (up to )?1 connection'
    run_expecting 0 v2v-nbdkit-launch -x -io filter="$1" "${@:2}" \
        -os "$tmpdir/out" -on g
    expect_same ../raw "$tmpdir/out/g-sda"
    expect_no_stderr "\\+ .*nbdkit .*/copy0 "
    case $1 in
        gzip) expect_stderr "unpacks the whole disk to a file in $TMPDIR" ;;
        xz) expect_no_stderr "unpacks the whole disk" ;;
    esac
    rm "$tmpdir/out/"*
}
for filter in gzip xz; do
    file=raw.${filter/gzip/gz}
    read_through $filter $file
    read_through $filter --connections 8 "$http_url/$file"
    read_through $filter "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$PWD/$file"
    start_nbdkit $filter file $file
    read_through $filter "$nbdkit_uri"
    read_through $filter -i nbdkit file file=$file
done
# What fails below a filter that unpacks is tried again there; others stay next
# to the plugin.
run_expecting 0 v2v-nbdkit-launch --dry-run -io filter=xz -io filter=offset \
    -io xz-max-block=8M "$http_url/raw.xz" -os "$tmpdir/out"
expect_lines "$out" 1
filters='--filter xz --filter retry --filter offset'
expect_stdout "(readahead )?$filters curl xz-max-block=8M url="
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit's gzip filter serves only the first member of a file: one with several
# is refused, wherever it is, whatever their sizes.
. ./functions.sh

requires_plugin file
requires_filter gzip
requires_program gzip
mkdir "$tmpdir/out" "$tmpdir/www"
cd "$tmpdir/www"
make_disk ../raw 4M
for first in 1M 2M 3M; do
    { head -c $first ../raw | gzip
      tail -c +$(($(numfmt --from=iec $first) + 1)) ../raw | gzip; } >$first.gz
    expect cmp <(gzip -dc $first.gz) ../raw
done
# The last member is the first one again.
{ gzip -c ../raw; gzip -c ../raw; } >twice.gz
{ head -c 1M ../raw | gzip; tail -c 1M ../raw | gzip; head -c 1M ../raw | gzip
} >aba.gz
{ gzip -c1 ../raw; gzip -c9 ../raw; } >levels.gz
gzip -c ../raw >padded.gz
head -c 512 /dev/zero >>padded.gz
gzip -c ../raw >one.gz
start_nginx
start_nbdkit members file 2M.gz

refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch -io filter=gzip "$@" \
        -os "$tmpdir/out" -on g
    expect_error 'has several parts'
    expect_hint 'gzip -d'
    expect test -z "$(ls -A "$tmpdir/out")"
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check \
        -io filter=gzip "$@"
    expect_stdout '^error .*has several parts'
}
for file in 1M 2M 3M padded twice aba levels; do
    refused $file.gz
    refused "$http_url/$file.gz"
done
refused "$nbdkit_uri"
refused -i nbdkit file file=2M.gz
for place in . "$http_url"; do
    run_expecting 0 v2v-nbdkit-launch -io filter=gzip $place/one.gz -o null
done
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A compressed disk: the hint names nbdkit's filter, and with that the disk is
# read, whatever its format.
. ./functions.sh

requires_plugin file
requires_filter gzip
requires_filter xz
requires_program qemu-img gzip xz
mkdir "$tmpdir/o"
cd "$tmpdir"
make_disk d.img 3M
qemu-img convert -O qcow2 d.img d.qcow2
for disk in d.img d.qcow2; do
    gzip -nk $disk
    xz -k $disk
    for filter in gzip xz; do
        packed=$disk.${filter/gzip/gz}
        run_expecting 4:unsupported:false v2v-nbdkit-launch "$packed" -o null
        expect_hint "-io filter=$filter"
        run_expecting 0 v2v-nbdkit-launch -io filter=$filter "$packed" \
            -os o -on g
        expect_same_image raw d.img raw o/g-sda
        rm o/*
    done
done
# Where it is not installed, what unpacks it.
mkdir filters
nbdkit --dump-config >config
for filter in "$(sed -n 's/^filterdir=//p' config)"/*.so; do
    case $filter in
        *-gzip-filter.so) ;;
        *) ln -s "$filter" filters ;;
    esac
done
cat >nbdkit <<END
#!/bin/sh
case \$1 in
    --dump-config) sed 's|^filterdir=.*|filterdir=$tmpdir/filters|' \
        '$tmpdir/config' ;;
    *) exec $(type -P nbdkit) "\$@" ;;
esac
END
chmod +x nbdkit
run_expecting 4:unsupported:false v2v-nbdkit-launch --nbdkit "$tmpdir/nbdkit" \
    d.img.gz -o null
expect_hint 'gzip -d'
expect_no_stderr 'filter='
# The same filter does not help twice.
head -c 64K /dev/zero | gzip | gzip >twice.gz
run_expecting 4:unsupported:false v2v-nbdkit-launch -io filter=gzip twice.gz \
    -o null
expect_hint 'unpack it with gzip -d'
expect_no_stderr 'add -io filter=gzip'
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --report, --log, --result-file, --status-file and --machine-readable=file:
# do not overwrite each other, nor what runs have told.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/results"
cd "$tmpdir"
for i in a b; do
    run_expecting 0 v2v-nbdkit-launch --result-file results/$i.json \
        -o null disk
done
cp results/a.json kept

# A glob instead of the value.
run_expecting 2 v2v-nbdkit-launch --summary --report results/*
expect_error 'results/a.json'
run_expecting 2 v2v-nbdkit-launch --report results/a.json \
    -o null disk
run_expecting 2 v2v-nbdkit-launch --log results/a.json -o null disk
expect cmp kept results/a.json
# Nor a file whose run goes on.
: >results/a.json
run_expecting 2 v2v-nbdkit-launch --summary \
    --report results/a.json results/*.json
expect_error 'one of the files to read'
expect_not test -s results/a.json
# A page among the results is no result.
for i in 1 2; do
    run_expecting 0 v2v-nbdkit-launch --summary --report results/page.html \
        results
done

options=(--log=F --machine-readable=file:F --report=F --result-file=F
         --status-file=F)
for ((i = 0; i < ${#options[@]}; i++)); do
    for ((j = 0; j < i; j++)); do
        rm -f new
        run_expecting 2 v2v-nbdkit-launch -o null disk \
            "${options[i]/F/new}" "${options[j]/F/$tmpdir/./new}"
    done
done
run_expecting 0 v2v-nbdkit-launch -o null disk --log /dev/null \
    --status-file /dev/null --report /dev/null
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --report, --log, --result-file, --status-file and --machine-readable=file:
# do not overwrite each other, nor what runs have told, nor what is read.
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

# What another option or a SOURCE reads stays as it was, although the error is
# told where programs look for it.
yes | head -c 1M >text
ln -s read link
for option in "${options[@]}"; do
    for reads in -ip=F --changed-extents=F --bandwidth-file=F \
                 -io=curl-cainfo=F -io=ssh-identity=F text=F; do
        name=${reads%%=*}
        words=("$name" "${reads#*=}")
        [ "$name" = text ] && words=(F)
        echo sesame >read
        [ "$name" = text ] && cp text read
        cp read before
        rm -f told
        run_expecting 2 v2v-nbdkit-launch -o null disk \
            "${words[@]/F/read}" "${option/F/link}"
        run_expecting 2 v2v-nbdkit-launch -o null disk \
            "${words[@]/F/read}" "${option/F/./read}" \
            --result-file=told
        expect cmp before read
        expect test -L link
        [ "$option" = --result-file=F ] || expect grep -q same told
    done
done
# A value that is no file's name.
run_expecting 4 v2v-nbdkit-launch -o null --log joe -io curl-user=joe \
    http://127.0.0.1:9/disk
run_expecting 0 v2v-nbdkit-launch -o null disk --log /dev/null \
    --status-file /dev/null --report /dev/null
expect_nothing_left

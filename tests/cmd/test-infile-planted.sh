#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What another user has put in the place of a file that we are to read leads to
# no other file, whose first line would be sent as a password, and holds
# nothing up; nor does it say which servers are to be trusted.
. ./functions.sh

requires_other_user
requires_plugin file
requires_plugin ssh
requires_plugin curl
make_disk "$tmpdir/disk" 1M
truncate -s 1M "$tmpdir/target"
echo secret-6d2f >"$tmpdir/precious"
chmod 0600 "$tmpdir/precious"
mkdir "$tmpdir/shared"
chmod 1777 "$tmpdir/shared"
file=$tmpdir/shared/file
start_vmware

read_by ()
{
    case $1 in
        -ip) run_expecting "$2" v2v-nbdkit-launch -o null -ip "$file" \
            ssh://root@127.0.0.1:1/x ;;
        identity) run_expecting "$2" v2v-nbdkit-launch -o null \
            -io ssh-identity="$file" ssh://root@127.0.0.1:1/x ;;
        known-hosts) run_expecting "$2" v2v-nbdkit-launch -o null \
            -io ssh-known-hosts="$file" ssh://root@127.0.0.1:1/x ;;
        cainfo) run_expecting "$2" v2v-nbdkit-launch -o null \
            -io curl-cainfo="$file" https://127.0.0.1:1/x ;;
        vmware) run_expecting "$2" v2v-nbdkit-launch -o null \
            -io curl-cainfo="$file" -ic "$vmware_uri" \
            -ip "$tmpdir/password" 'mail server' ;;
        list) run_expecting "$2" v2v-nbdkit-launch --changed-extents "$file" \
            -o device -oo path="$tmpdir/target" "$tmpdir/disk" ;;
        rate) run_expecting "$2" v2v-nbdkit-launch -o null \
            --bandwidth-file "$file" "$tmpdir/disk" ;;
    esac
}

for option in -ip identity known-hosts cainfo vmware list rate; do
    for plant in "other ln -s $tmpdir/precious" "ln $tmpdir/precious" \
                 'other mkfifo -m 0666'; do
        rm -f "$file"
        $plant "$file"
        read_by $option 2:usage:false
        expect_error 'another user could have put it there'
        expect_nowhere secret-6d2f
    done
done

# What a regular file of another user says is what was asked for.
# (Nobody can write to one that is there, where fs.protected_regular is 2.)
others_file ()
{
    rm "$file"
    echo "$1" >"$file"
    chown 12345 "$file"
}
others_file '[]'
read_by list 0
others_file 10M
read_by rate 0
# A link of ours leads there.
mv "$file" "$tmpdir/list"
echo '[]' >"$tmpdir/list"
ln -s "$tmpdir/list" "$file"
read_by list 0
expect_nothing_left

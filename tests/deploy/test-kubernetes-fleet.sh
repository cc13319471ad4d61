#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Indexed Job: each index moves the guest of its line, a guest that fails
# is told apart, and --summary reads what all of them have told.
. ./functions.sh
. "$abs_srcdir/deploy/pods.sh"

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/web.img" 4M
make_disk "$tmpdir/www/db.img" 3M
start_nginx
make_image
make_volume shared
make_volume tmp
make_volume guests
make_secret password "$http_password"
cp -r "$manifests/fleet" "$tmpdir/fleet"
cat >"$tmpdir/fleet/guests" <<END
web $http_url/web.img
db  -ip /secret/password -io curl-user=$http_user $http_url/auth/db.img
*   $http_url/none.img
END
manifest build "$tmpdir/fleet" >"$tmpdir/objects"
jq -r 'select (.kind == "ConfigMap").data.guests' "$tmpdir/objects" \
    >"$tmpdir/volumes/guests/guests"

for round in 0 1; do
    run_pod 0 "$tmpdir/objects" JOB_COMPLETION_INDEX=0
    run_pod 0 "$tmpdir/objects" JOB_COMPLETION_INDEX=1
    # The shell does not see a pattern in a name.
    run_pod 4 "$tmpdir/objects" JOB_COMPLETION_INDEX=2
    for name in web db; do
        expect_same "$tmpdir/www/$name.img" "$tmpdir/volumes/shared/$name-sda"
        result=$tmpdir/volumes/shared/results/$name.json
        expect test "$(jq .changed "$result")" = \
            "$([ $round = 0 ] && echo true || echo false)"
    done
done
run_expecting 0 v2v-nbdkit-launch --summary=json \
    "$tmpdir/volumes/shared/results"
expect jq -e '.states.unchanged == 2 and .states.failed == 1 and
    .reasons[0].reason == "not-found"' "$out" >&2
# What is only of one run is gone.
expect test -z "$(find "$tmpdir/volumes" -name 'v2v.*' -not -empty)"

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# v2v@.service: systemd finds no fault in it, and what it runs moves a guest
# with and without a password, and has the exit status that is tried again.
# (No systemd is started here: one that is not alone cleans up after others.)
. ./functions.sh

requires_plugin file
requires_program jq systemd-analyze
tool_in_path
state=$tmpdir/state-directory
export CREDENTIALS_DIRECTORY=$tmpdir/credentials
export STATE_DIRECTORY=$state:$state/results
mkdir -p "$tmpdir/units" "$state/results" "$CREDENTIALS_DIRECTORY" \
    "$tmpdir/www" "$tmpdir/out"
for file in run-guest.in v2v@.service.in; do
    sed -e "s,@bindir@,$tmpdir/bin," -e "s,@sysconfdir@,$tmpdir/etc," \
        -e "s,@libexecdir@/v2v-nbdkit-launch,$tmpdir/units," \
        "$abs_top_srcdir/deploy/systemd/$file" >"$tmpdir/units/${file%.in}"
done
cp "$abs_top_srcdir/deploy/systemd/v2v.slice" "$tmpdir/units"
chmod +x "$tmpdir/units/run-guest"

run_expecting 0 systemd-analyze verify --man=no \
    "$tmpdir/units/v2v@web.service" "$tmpdir/units/v2v.slice"
# Newer ones find fault in the host's own units.
expect_not grep -v '^/usr/lib/systemd/' "$err"

# run_unit NAME ARGUMENT...: what systemd would run.
unit=$(sed -n 's/^ExecStart=//p' "$tmpdir/units/v2v@.service")
expect test "$unit" = "$tmpdir/units/run-guest %i \$V2V_ARGUMENTS"
run_unit () { run_expecting "$1" "$tmpdir/units/run-guest" "${@:2}"; }
result_is () { jq -e "$2" "$state/results/$1.json" >/dev/null; }

make_disk "$tmpdir/www/disk" 2M
start_nginx
echo "$http_password" >"$CREDENTIALS_DIRECTORY/password"
run_unit 0 web -io curl-user="$http_user" "$http_url/auth/disk" \
    -os "$tmpdir/out" -on web
expect result_is web '.status == "ok" and .guest == "web"'
expect_same "$tmpdir/www/disk" "$tmpdir/out/web-sda"
expect test -s "$state/results/web.status"

# As SetCredential= has it.
echo >"$CREDENTIALS_DIRECTORY/password"
run_unit 4 web -io curl-user="$http_user" "$http_url/auth/disk" \
    -os "$tmpdir/out" -on other
expect result_is web '.reason == "auth"'

# Repeated: nothing is left to do; or it is what RestartForceExitStatus names.
run_unit 0 local "$tmpdir/www/disk" -os "$tmpdir/out" -on 'a guest'
run_unit 0 local "$tmpdir/www/disk" -os "$tmpdir/out" -on 'a guest'
expect result_is local '.changed | not'
expect grep -qx 'RestartForceExitStatus=75' "$tmpdir/units/v2v@.service"
run_unit 75 away ssh://127.0.0.1:1/disk -os "$tmpdir/out"
expect result_is away '.retryable and .exit == 75'
run_unit 4 none "$tmpdir/none" -os "$tmpdir/out"
expect_nothing_left

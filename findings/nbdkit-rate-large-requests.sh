#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nbdkit's rate filter (1.32.5) makes a large request wait much longer than its
# data takes at that rate.  Its bucket holds two seconds' data.  For a request
# of n seconds' data the filter sleeps until all the rest should be there, n -
# 2 seconds, but only two seconds' data has been kept meanwhile; then n - 4, and
# so on.  The time grows with the square of the request: 32 MiB at 16 Mbit/s
# are 16 seconds, 14 of them to be waited for, and take 56.  (Its manual page
# advises smaller requests so as to limit the sleeps, but it says nothing of
# the sum.)  A client's timeout may never let such a request end.
#
# Expected output:
#     requests of 1 MiB: 14 s
#     one request of 32 MiB: 4 times as long
#
# Needs nbdcopy, and apt-get of Debian 12, whose libraries nbdkit uses.
# Status 0: it is so; 1: it has changed; 77: it cannot be tried.
set -eu
version=1.32.5-1
type -P nbdcopy >/dev/null || exit 77
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && apt-get download -q nbdkit=$version >/dev/null 2>&1) || exit 77
dpkg-deb -x "$dir"/nbdkit_*.deb "$dir/root"
nbdkit=$(echo "$dir"/root/usr/*bin/nbdkit)
plugin=$(echo "$dir"/root/usr/lib/*/nbdkit/plugins/nbdkit-pattern-plugin.so)
filter=$(echo "$dir"/root/usr/lib/*/nbdkit/filters/nbdkit-rate-filter.so)
[ "$(LC_ALL=C "$nbdkit" --version)" = "nbdkit 1.32.5" ] || exit 77

# copy REQUEST-SIZE: 32 MiB at 16 Mbit/s; print how many seconds it took.
copy ()
{
    SECONDS=0
    "$nbdkit" -U - --filter="$filter" "$plugin" 32M rate=16M \
        --run "nbdcopy --synchronous --request-size=$1 \"\$uri\" null:"
    echo $SECONDS
}

small=$(copy 1048576)
large=$(copy 33554432)
{
    echo "requests of 1 MiB: $small s"
    echo "one request of 32 MiB: $(((large + small / 2) / small)) times as long"
} >"$dir/said"
cat "$dir/said"
diff - "$dir/said" <<'END'
requests of 1 MiB: 14 s
one request of 32 MiB: 4 times as long
END

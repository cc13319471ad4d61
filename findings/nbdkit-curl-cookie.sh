#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# nbdkit's curl plugin (1.32.5) sends the session cookie of cookie= beside
# header=, but beside header-script= it sends none, without a word: requests
# reach the server logged out.  Whoever reads secret headers from a script has
# to print the cookie there, too.
#
# Expected output:
#     header= beside cookie=: a=b
#     header-script= beside cookie=: None
#
# Needs python3, curl, and apt-get of Debian 12, whose libraries nbdkit uses.
# Status 0: it is so; 1: it has changed; 77: it cannot be tried.
set -eu
version=1.32.5-1
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$dir"' EXIT
(cd "$dir" && apt-get download -q nbdkit=$version >/dev/null 2>&1) || exit 77
dpkg-deb -x "$dir"/nbdkit_*.deb "$dir/root"
nbdkit=$(echo "$dir"/root/usr/*bin/nbdkit)
plugin=$(echo "$dir"/root/usr/lib/*/nbdkit/plugins/nbdkit-curl-plugin.so)
[ "$(LC_ALL=C "$nbdkit" --version)" = "nbdkit 1.32.5" ] || exit 77

python3 - "$dir/port" "$dir/cookies" <<'END' &
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_HEAD(self):
        with open(sys.argv[2], 'a') as f:
            print(self.headers.get('Cookie'), file=f)
        self.send_response(200)
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', '512')
        self.end_headers()

server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
with open(sys.argv[1], 'w') as f:
    print(server.server_port, file=f)
server.serve_forever()
END
server=$!
for _ in $(seq 100); do
    [ ! -s "$dir/port" ] || break
    sleep 0.1
done

# ask NAME PARAMETER: the cookie of nbdkit's first request, HEAD.
ask ()
{
    : >"$dir/cookies"
    TMPDIR=$dir "$nbdkit" -U - "$plugin" \
        "url=http://127.0.0.1:$(cat "$dir/port")/disk" cookie=a=b "$2" \
        --run 'nbdinfo --size "$uri" >/dev/null' || exit 77
    echo "$1 beside cookie=: $(head -n 1 "$dir/cookies")"
}
{
    ask header= 'header=X-A: c'
    ask header-script= "header-script=echo 'X-A: c'"
} >"$dir/said"
cat "$dir/said"
diff - "$dir/said" <<'END'
header= beside cookie=: a=b
header-script= beside cookie=: None
END

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run_expecting sees an exit status, an error object and numbers that are not
# as a test wants them.
. ./functions.sh

requires_program jq
# A program in the tool's place that ends with $exits and tells $tells.
cat >"$tmpdir/tool" <<'END'
#!/bin/bash
while [ $# -gt 0 ]; do
    case $1 in
        --result-file=*) file=${1#*=} ;;
        --result-file) file=$2 ;;
    esac
    shift
done
[ -z "$tells" ] || echo "$tells" >"$file"
exit "$exits"
END
chmod +x "$tmpdir/tool"
tool_program=$tmpdir/tool
tool=(env "$tool_mark" "$tool_program" --state-dir "$state_dir")
export exits tells

# sees WANT [ARGUMENT...], passes WANT [ARGUMENT...]: the object is not checked
# against the schema here.
check_json_lines () { :; }

passes ()
{
    (run_expecting "$1" v2v-nbdkit-launch "${@:2}" SOURCE) ||
        fail "should pass: $*: $tells"
    (run_in_background v2v-nbdkit-launch "${@:2}" SOURCE
     wait_expecting "$1") || fail "should pass in the background: $*: $tells"
}

sees ()
{
    ! (trap - ERR EXIT
       run_expecting "$1" v2v-nbdkit-launch "${@:2}" SOURCE) \
        2>"$tmpdir/logs/seen" || fail "passed: $*: $tells"
    ! (trap - ERR EXIT
       run_in_background v2v-nbdkit-launch "${@:2}" SOURCE
       wait_expecting "$1") 2>"$tmpdir/logs/seen" ||
        fail "passed in the background: $*: $tells"
}

exits=4
tells='{"type":"error","reason":"auth","retryable":false,"resumable":false,"exit":4}'
passes 4
passes 4:auth:false
passes 4:auth:false:false
passes '0|4:auth:false'
passes '4:tls:false|4:auth:false'
passes 4:auth:false --result-file "$tmpdir/other"
passes 4:auth:false --result-file="$tmpdir/other"
for want in 0 3 40 '3|5' 3:auth:false 4:auth:true 4:auth:false:true \
            4:au:false 4:authority:false 4:tls:false '4:tls:false|5'; do
    sees "$want"
done
exits=3
sees 3
sees 3:auth:false
exits=4
tells='{"type":"error","reason":"read","retryable":true,"resumable":true,"exit":4}'
passes 4:read:true:true
sees 4:read:true
# What an earlier run has told is not what this one tells.
tells=
sees 4:read:true:true
passes 4
# A run that was killed has told nothing.
exits=137
passes 137

exits=0
# result WRITTEN ZERO
result ()
{
    tells='{"type":"result","status":"ok","exit":0,"disks":[{"virtual_size":9,"bytes_read":9,"bytes_written":9,"bytes_zero":0},{"virtual_size":10,"bytes_read":3,"bytes_written":'$1',"bytes_zero":'$2'}]}'
}

result 4 6
passes 0
sees 0 -o null
result 0 7
passes 0 --resume
sees 0
tells='{"type":"result","status":"ok","exit":0,"disks":[{"virtual_size":10,"bytes_read":3,"bytes_written":0,"bytes_zero":7}]}'
passes 0 -o null
tells='{"type":"result","status":"ok","exit":0,"disks":[{"virtual_size":10,"bytes_read":3,"bytes_written":3,"bytes_zero":5,"bytes_unused":2}]}'
passes 0
tells='{"type":"error","reason":"auth","retryable":false,"resumable":false,"exit":4}'
sees 0
tells=
passes 0 --run true
passes 0 --dry-run
sees 0

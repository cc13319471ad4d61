#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The Ansible module guest_copy: what it tells after success, repetition and
# failure, in check mode, with a password, async, and when it is ended.
. ./functions.sh

requires_plugin file
requires_program jq
install_ansible_collection
tool_in_path
mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 2M
start_nginx

# play TASK...: a play of these tasks, each in one line of YAML.
play ()
{
    {
        echo '- hosts: localhost'
        echo '  gather_facts: false'
        echo "  vars: {ansible_python_interpreter: $ansible_python}"
        echo "  vars_files: [$tmpdir/vars.yml]"
        echo '  tasks:'
        printf '    - %s\n' "$@"
    } >"$tmpdir/play.yml"
}

copy=v2v.nbdkit_launch.guest_copy
to="output_directory: $tmpdir/out"
mkdir "$tmpdir/out"
echo "secret: $http_password" >"$tmpdir/vars.yml"

# In check mode nothing is written, and what would fail fails.
play "$copy: {source: [$tmpdir/www/disk], name: web, $to,
              result_file: $tmpdir/result}" \
    "$copy: {source: [$tmpdir/none], name: none, $to}"
run_expecting 2 ansible-playbook --check "$tmpdir/play.yml"
expect_stdout '^changed: '
expect_stdout 'none: No such file'
expect test ! -e "$tmpdir/out/web-sda"
expect test ! -e "$tmpdir/result"

# The second time nothing is left to do.
play "$copy: {source: [$tmpdir/www/disk], name: web, $to, verify: true}" \
    "$copy: {source: [$tmpdir/www/disk], name: web, $to, verify: true}"
run_expecting 0 ansible-playbook -v "$tmpdir/play.yml"
expect test "$(grep -c '^changed: ' "$out")" = 1
expect test "$(grep -c '^ok: ' "$out")" = 1
expect_stdout '"target": "/.*/out/web-sda"'
expect_same "$tmpdir/www/disk" "$tmpdir/out/web-sda"

# What a failure is can be asked for.
play "{$copy: {source: ['ssh://127.0.0.1:1/d'], $to}, register: away,
       failed_when: away is success or not away.retryable
                    or away.reason != 'unreachable' or away.rc != 4
                    or away.resumable or away.hint == ''}" \
    "{$copy: {source: ['$http_url/404/d'], $to}, register: gone,
      failed_when: gone is success or gone.retryable
                   or gone.result.reason != 'not-found'}" \
    "{$copy: {source: ['$http_url/disk'], $to, executable: /bin/false},
      register: unfit,
      failed_when: unfit is success or unfit.retryable}" \
    "{$copy: {source: ['$http_url/disk'], $to, executable: /bin/ls},
      register: foreign, failed_when: \"'--help' not in foreign.msg\"}" \
    "{$copy: {source: ['$http_url/disk'], $to, executable: /bin/true},
      register: nothing, failed_when: nothing is success}" \
    "{v2v.nbdkit_launch.guest_info: {source: [$tmpdir/www/disk]},
      register: info,
      failed_when: info is changed or info.guest.disks | length != 1}"
run_expecting 0 ansible-playbook "$tmpdir/play.yml"

# The password is used, and seen nowhere.
look="cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >$tmpdir/logs/processes"
play "$copy: {source: ['$http_url/auth/disk'], name: secret, $to,
              input_options: [curl-user=$http_user],
              password: '{{ secret }}',
              convert: '$look 2>/dev/null || true'}"
run_expecting 0 ansible-playbook -vvv "$tmpdir/play.yml"
expect_same "$tmpdir/www/disk" "$tmpdir/out/secret-sda"
expect grep -aq machine-readable "$tmpdir/logs/processes"
expect_nowhere "$http_password"

# Async, a run goes on by itself.
play "{$copy: {source: [$tmpdir/www/disk], name: later, $to}, async: 60,
       poll: 0, register: started}" \
    "{async_status: {jid: '{{ started.ansible_job_id }}'}, register: ended,
      until: ended.finished, retries: 60, delay: 1,
      failed_when: ended.result.type != 'result'}"
run_expecting 0 ansible-playbook "$tmpdir/play.yml"
expect_same "$tmpdir/www/disk" "$tmpdir/out/later-sda"

# Ended, it ends the run, and tells that; and what another run is writing is
# waited for.
convert="touch $tmpdir/reached; while [ ! -e $tmpdir/go ]; do sleep 0.1; done"
play "$copy: {source: [$tmpdir/www/disk], name: slow, $to,
              convert: '$convert', busy_timeout: 60}"
modules ()
{
    grep -lzx "V2V_TEST_MARK=$tmpdir" /proc/[0-9]*/environ 2>/dev/null |
        cut -d/ -f3 | while read -r pid; do
            grep -aqs AnsiballZ "/proc/$pid/cmdline" && echo "$pid" || :
        done
}
ANSIBLE_PIPELINING=no run_in_background ansible-playbook -v "$tmpdir/play.yml"
wait_for test -e "$tmpdir/reached"
expect test -n "$(modules)"
# shellcheck disable=SC2046
kill -TERM $(modules)
wait_expecting 2
expect_stdout '"reason": "interrupted"'
expect_stdout '"retryable": true'
expect_nothing_left

rm "$tmpdir/reached"
run_in_background v2v-nbdkit-launch "$tmpdir/www/disk" -on slow \
    -os "$tmpdir/out" --convert "$convert"
wait_for test -e "$tmpdir/reached"
tool_pid=
run_in_background ansible-playbook -v "$tmpdir/play.yml"
sleep 3
expect is_running "$tool_pid"
touch "$tmpdir/go"
wait_expecting 0
expect_same "$tmpdir/www/disk" "$tmpdir/out/slow-sda"
expect_nothing_left

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The role migrate moves guests from http, ssh and NBD to several hosts, that
# are reached by ssh.  Three guests fail, without harm to the others.  The
# controller is killed in the middle, and so is one of the runs: the same play
# again copies what is missing, and leaves alone what is finished.
. ./functions.sh

requires_plugin file
requires_plugin nbd
requires_filter rate
requires_program jq
install_ansible_collection
tool_in_path

guests=6 hosts=2
if [ -n "${V2V_TEST_LONG-}" ]; then
    guests=${V2V_TEST_GUESTS:-20} hosts=5
fi
mkdir "$tmpdir/www" "$tmpdir/out" "$tmpdir/cp"
make_disk "$tmpdir/www/disk" 2M
# A journal is begun after 64 MiB.
random_bytes big | head -c 192M >"$tmpdir/big" || :
start_nginx
start_sshd
for i in 4 5; do
    start_nbdkit_tcp file "$tmpdir/big"
    big_port[i]=$nbd_port big_pid[i]=$nbdkit_pid
done

# guest N: what the Nth guest is, in one line of YAML.
guest ()
{
    case $1 in
        1) echo "{name: gone, source: ['$http_url/404/disk']}" ;;
        2) echo "{name: refused, source: ['ssh://127.0.0.1:1/disk']}" ;;
        3) echo "{name: login, source: ['$http_url/auth/disk'],
                  password: not-that, input_options: [curl-user=guest]}" ;;
        4|5) echo "{name: big$1, source: ['nbd://127.0.0.1:${big_port[$1]}'],
                    bandwidth: 200M}" ;;
        *[02468]) echo "{name: web$1, source: ['$http_url/disk']}" ;;
        *) echo "{name: old$1, verify: true, source: [
              'ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/www/disk'],
              input_options: [ssh-identity=$ssh_identity,
                              ssh-known-hosts=$ssh_known_hosts]}" ;;
    esac
}

{
    echo 'kvm:'
    echo '  hosts:'
    for ((host = 0; host < hosts; host++)); do
        echo "    kvm$host:"
        echo '      migrate_guests:'
        for ((i = 1; i <= guests; i++)); do
            [ $((i % hosts)) != $host ] ||
                echo "        - $(guest $i | tr -s '\n ' ' ')"
        done
    done
    cat <<END
  vars:
    ansible_host: 127.0.0.1
    ansible_port: $sshd_port
    ansible_user: $ssh_user
    ansible_ssh_private_key_file: $ssh_identity
    ansible_ssh_common_args: >-
      -o UserKnownHostsFile=$ssh_known_hosts -F none
    ansible_control_path_dir: $tmpdir/cp
    ansible_python_interpreter: $ansible_python
    ansible_async_dir: $tmpdir/async
    migrate_defaults:
      executable: $tmpdir/bin/v2v-nbdkit-launch
      output_directory: $tmpdir/out
      overlay_dir: $tmpdir/tmp
      source_limit: 3
    migrate_retries: 1
    migrate_delay: 1
    migrate_poll: 1
    migrate_timeout: 200
    migrate_results_dir: $tmpdir/results
END
} >"$tmpdir/inventory.yml"
cat >"$tmpdir/play.yml" <<END
- hosts: kvm
  gather_facts: false
  strategy: free
  tasks:
    - import_role: {name: v2v.nbdkit_launch.migrate}
      vars: {migrate_fail: false, migrate_report: '$tmpdir/fleet.html'}
    - copy:
        content: '{{ migrate_results | to_json }}'
        dest: '$tmpdir/{{ inventory_hostname }}.json'
        mode: '0600'
      delegate_to: localhost
      vars: {ansible_connection: local}
END
play=(ansible-playbook -f 5 -i "$tmpdir/inventory.yml" "$tmpdir/play.yml")

# told FILTER: is this so of all that the play has told of its guests?
told () { jq -es "add | $1" "$tmpdir"/kvm*.json >/dev/null; }
ended () { jq -e .exit "$tmpdir/results/$1.json"; }
finished_files ()
{
    find "$tmpdir/out" -type f -name '[wo]*' -printf '%p %i %T@ %C@\n' | sort
}

# In check mode it tells what would fail, and writes nothing.
if [ -n "${V2V_TEST_LONG-}" ]; then
    run_expecting 2 ansible-playbook --check -f 5 \
        -i "$tmpdir/inventory.yml" v2v.nbdkit_launch.migrate
    expect_stdout 'login: cannot open'
    expect test "$(grep -c 'failed=1 ' "$out")" = 3
    expect test -z "$(ls -A "$tmpdir/out")"
fi

# The controller and one of two runs are killed while they copy, and get
# nothing more.
run_in_background "${play[@]}"
big_begun ()
{
    local n

    for n in 4 5; do
        [ -e "$tmpdir/out/big$n.part/journal" ] || continue
        kill -STOP "${big_pid[n]}"
        touch "$tmpdir/stopped$n"
    done
    [ -e "$tmpdir/stopped4" ] && [ -e "$tmpdir/stopped5" ]
}
wait_for big_begun
for ((i = 6; i <= guests; i++)); do
    case $i in *[02468]) name=web$i ;; *) name=old$i ;; esac
    wait_for ended $name
done
for pid in $(marked_processes "$tool_mark"); do
    if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q 'cmd/v2v.* -on big4 '; then
        kill -KILL "$pid"
    fi
done
kill -KILL "$tool_pid"
wait_expecting 137
expect test ! -e "$tmpdir/out/big4-sda"
expect test ! -e "$tmpdir/out/big5-sda"
before=$(finished_files)

# The run that was left alone is waited for.
kill -CONT "${big_pid[4]}"
{ sleep 15; kill -CONT "${big_pid[5]}"; } &
SECONDS=0
run_expecting 0 "${play[@]}"
echo "$guests guests, repeated: $SECONDS s"
expect_stdout "$guests guests: .* 3 failed"
expect test "$before" = "$(finished_files)"
expect told "length == $guests"
expect told '[.[] | select(.ok | not) | "\(.name) \(.reason) \(.retryable)"]
             | sort == ["gone not-found false", "login auth false",
                        "refused unreachable true"]'
# Of 192 MiB, 64 MiB or more were there.
expect told '.big4.changed and .big4.result.disks[0].bytes_read < 140000000'
expect told '.big5.ok and (.big5.changed | not)'
# Only what is retryable was tried again: start, wait, remove, note for each.
expect test "$(grep -c '(item=refused)' "$out")" = 8
expect test "$(grep -c '(item=login)' "$out")" = 4
for name in big4 big5; do
    expect_same "$tmpdir/big" "$tmpdir/out/$name-sda"
done
for file in "$tmpdir"/out/[wo]*-sda; do
    expect_same "$tmpdir/www/disk" "$file"
done
expect test "$(find "$tmpdir"/out -name '*-sda' | wc -l)" = $((guests - 3))
expect grep -q '<html' "$tmpdir/fleet.html"

# Everything is done that can be: nothing is changed, and the play fails.
before=$(finished_files)
rm -r "$tmpdir/async"
run_expecting 2 ansible-playbook -vvvv -f 5 -i "$tmpdir/inventory.yml" \
    v2v.nbdkit_launch.migrate
expect_stdout 'login: cannot open'
expect test "$(grep -c 'changed=0 ' "$out")" = $hosts
expect test "$(grep -c 'failed=1 ' "$out")" = $((hosts < 3 ? hosts : 3))
expect test "$before" = "$(finished_files)"
expect_nowhere not-that
expect_nothing_left
# Nothing of the arguments is left on the hosts.
expect test -d "$tmpdir/async"
expect test -z "$(ls -A "$tmpdir/async")"

# SPDX-License-Identifier: GPL-2.0-or-later

# bench.json: medians, the ratio of each program's time to that of
# v2v-nbdkit-launch, the share of the link that it used, and its processor
# seconds, also for each GiB of the bytes that must be copied.
#
# Reads the times; facts and typed are given as texts (bench.sh).

def median:
  sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;
def places($n): pow(10; $n) as $f | . * $f | round / $f;
def lines: split("\n") | map(select(. != ""));

($facts | lines | map(split(" ") | select(.[2] != "none"))) as $facts
| ($typed | lines
   | map(capture("^(?<case>[^ ]*) (?<tool>[^ ]*) (?<words>.*)"))) as $typed
| def facts_of($case):
    $facts | map(select(.[0] == $case)) | group_by(.[1])
    | map({ (.[0][1]): (map(.[2] | tonumber) | median) }) | add;
  def typed_by($case; $tool):
    first($typed[] | select(.case == $case and .tool == $tool).words) // null;
  def of_tool($case; $facts; $ours):
    { tool: .[0].tool, command: typed_by($case; .[0].tool),
      seconds: map(.s), median: (map(.s) | median | places(3)),
      cpu_seconds: map(.cpu), cpu_median: (map(.cpu) | median | places(3)) }
    | .ratio = (if $ours then .median / $ours | places(2) else null end)
    | if $facts.bytes > 0
      then .cpu_per_gib = (.cpu_median * 1073741824 / $facts.bytes | places(2))
      else . end
    | if $facts.link_mbit
      then .share = ($facts.bytes * 8 / $facts.link_mbit / 1e6 / .median
                     | places(4))
      else . end;
  [inputs | split(" ")
   | { case: .[0], tool: .[1], s: (.[2] | tonumber), cpu: (.[3] | tonumber) }]
  | group_by(.case)
  | map(.[0].case as $case | facts_of($case) as $facts
        | (map(select(.tool == "ours").s)
           | if . == [] then null else median end) as $ours
        | { case: $case, tools: (group_by(.tool)
            | map(of_tool($case; $facts; $ours))), facts: $facts })
  | { size: $size, local_size: $local, link_size: $link,
      unused_size: $unused, link_mbit: $mbit, link_window_kib: $window,
      fill_percent: ($fill | tonumber),
      run: $run, latency_ms: ($latency | tonumber),
      durable: ($durable == "yes"), processors: ($processors | tonumber),
      versions: [$nbdkit, $qemu, $nbdcopy], cases: . }

# SPDX-License-Identifier: GPL-2.0-or-later

# README's tables, made of bench.json: seconds, or the share of the link;
# processor seconds for each GiB; and what was typed.

def columns:
  ["ours", "curl", "aria2c", "sftp", "rclone", "nbdcopy", "nbdcopy-best",
   "qemu-img", "qemu-img-overlay", "cp", "cp-reflink"] as $all
  | [.cases[].tools[].tool] as $seen
  | $all | map(select(IN($seen[])));
def row: "| " + join(" | ") + " |";
def table($columns; cell):
  (["case"] + $columns | row),
  (["---"] + ($columns | map("---")) | row),
  (.cases[] | (.tools | map({ (.tool): . }) | add) as $tools
   | [.case] + ($columns | map($tools[.] | if . then cell else "" end))
   | row);
def tenths: . * 10 | round / 10;

columns as $columns
| "Time (share of the link), and for others than ours in times of ours:", "",
  table($columns;
        (if .tool == "ours" or .ratio == null then "\(.median) s"
         else "\(.ratio)x" end)
        + (if .share then " (\(.share * 100 | tenths) %)" else "" end)), "",
  "Processor seconds for each GiB:", "",
  table($columns; "\(.cpu_per_gib // .cpu_median)"), "",
  (.cases[] | .case as $case | .tools[]
   | "\($case), \(.tool): `\(.command)`")

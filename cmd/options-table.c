/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of options, and what getopt needs of it.  What an option does when
 * it is given is in options-set.c.
 */

#include <config.h>

#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "options-set.h"
#include "options-table.h"
#include "options.h"

#define FIELD(name) .field = offsetof (struct options, name)
#define HEADING(text) { .name = (text) }
#define STRING(member) .set = set_string, FIELD (member)
#define FLAG(member) .set = set_true, FIELD (member)
#define CHOICE(member) .arg = "auto|on|off", .set = set_choice, FIELD (member)
#define NUMBER(member, from, to) \
  .set = set_number, FIELD (member), .min = (from), .max = (to)
#define ACTION(number) .set = set_action, .min = (number)

#define SECONDS_MAX (INT_MAX / 1000)

const struct option_row option_rows[] = {
  HEADING (N_("Input")),
  { "i", N_("MODE"), N_("disk (default), libvirt[xml], nbdkit, ova, vmx"),
    STRING (input_mode) },
  { "ic", N_("URI"), N_("libvirt connection"), STRING (connect) },
  { "if", N_("FORMAT"), N_("format of the input disks"),
    STRING (input_format) },
  { "io", N_("KEY=VALUE"), N_("option of the source; '-io ?' lists them"),
    .set = set_input_option },
  { "ip", N_("FILE"), N_("file with the password, or fd:N"),
    .set = set_password },
  { "it", "ssh|vddk", N_("how to read VMware's disks"),
    .set = set_word, FIELD (transport) },

  HEADING (N_("Output")),
  { "o", N_("MODE"), N_("disk (or local), device, nbd, null"),
    STRING (output.mode) },
  { "oa", "sparse|preallocated", N_("allocation of new files (sparse)"),
    .set = set_allocation },
  { "of", "raw|qcow2", N_("format of new files (raw)"),
    .set = set_choice, FIELD (output.format) },
  { "on", N_("NAME"), N_("the guest's new name"), STRING (output.name) },
  { "oo", N_("KEY=VALUE"), N_("option of the output; '-oo ?' lists them"),
    .set = set_output_option },
  { "os", N_("DIR"), N_("output directory"), STRING (output.storage) },

  HEADING (N_("What to do")),
  { "changed-extents", N_("FILE"), N_("copy only what FILE (JSON) lists; one "
                                      "for each disk"),
    .set = set_changed_extents },
  { "check", NULL, N_("test everything that the run would need"),
    ACTION (ACTION_CHECK) },
  { "convert", N_("COMMAND"), N_("run COMMAND on the overlays before the "
                                 "copy"),
    STRING (convert) },
  { "dry-run", NULL, N_("print the nbdkit commands and exit"),
    ACTION (ACTION_DRY_RUN) },
  { "in-place", NULL, N_("convert the SOURCE disks themselves, all or none"),
    FLAG (in_place) },
  { "print-source", NULL, N_("print what the source holds and exit"),
    ACTION (ACTION_PRINT_SOURCE) },
  { "resume", NULL, N_("resume a copy that was interrupted"),
    FLAG (resume) },
  { "run", N_("COMMAND"), N_("serve the disks while COMMAND runs"),
    .set = set_run },
  { "verify", NULL, N_("read the target back and compare"), FLAG (verify) },

  HEADING (N_("How to do it")),
  { "bandwidth", N_("RATE"), N_("limit, in bits per second"),
    .set = set_bandwidth },
  { "bandwidth-file", N_("FILE"), N_("read the limit from FILE, also "
                                     "while running"),
    STRING (settings.bandwidth_file) },
  { "checksum", NULL, N_("a digest of each disk in the result"),
    FLAG (checksum) },
  { "connections", N_("N"), N_("at most N connections to a source"),
    NUMBER (settings.connections, 1, 64) },
  { "keep-overlay", NULL, N_("do not delete the overlays"),
    FLAG (settings.keep_overlay) },
  { "nbdkit", N_("PATH"), N_("the nbdkit program"), STRING (settings.nbdkit) },
  { "overlay-dir", N_("DIR"), N_("where overlays live ($TMPDIR or /var/tmp)"),
    STRING (settings.overlay_dir) },
  { "parallel", N_("N"), N_("disks copied at once (1)"),
    NUMBER (settings.parallel, 1, 64) },
  { "readahead", .help = N_("nbdkit's readahead filter (auto)"),
    CHOICE (settings.readahead) },
  { "request-size", N_("SIZE"), N_("bytes of a read request"),
    .set = set_request_size },
  { "retries", N_("N"), N_("how often a failed request is tried again (5)"),
    NUMBER (settings.retries, 0, 1000) },
  { "selinux", .help = N_("label the sockets (auto)"),
    CHOICE (settings.selinux) },
  { "stall-timeout", N_("SECONDS"), N_("give up a copy without progress "
                                       "(300)"),
    NUMBER (settings.stall_timeout_s, 1, SECONDS_MAX) },
  { "startup-timeout", N_("SECONDS"), N_("how long nbdkit may take to listen "
                                         "(30)"),
    NUMBER (settings.startup_timeout_s, 1, SECONDS_MAX) },

  HEADING (N_("Messages and reports")),
  { "colours", NULL, N_("use colours even without a terminal"),
    FLAG (colours) },
  { "log", N_("FILE"), N_("everything that nbdkit, qemu and the commands "
                          "print"),
    STRING (log) },
  { "machine-readable", "fd:N|file:PATH|stream:stdout|stream:stderr",
    N_("JSON lines; alone: capabilities"),
    .set = set_machine_readable, .arg_is_optional = true },
  { "no-progress", NULL, N_("no progress bar"), FLAG (no_progress) },
  { "progress", N_("FD"), N_("a progress bar, or N/100 lines on FD"),
    .set = set_progress, .arg_is_optional = true },
  { "q", NULL, N_("quiet: only errors"), FLAG (quiet) },
  { "quiet", NULL, N_("the same"), FLAG (quiet) },
  { "report", N_("FILE"), N_("a page with pictures of the run (HTML)"),
    STRING (report) },
  { "result-file", N_("PATH"), N_("write the last JSON object to PATH"),
    STRING (result_file) },
  { "v", NULL, N_("explain decisions; twice: nbdkit's messages too"),
    .set = set_verbose },
  { "verbose", NULL, N_("the same"), .set = set_verbose },
  { "x", NULL, N_("trace each command that is run"), FLAG (trace) },

  HEADING (N_("About")),
  { "help", NULL, N_("this text"), ACTION (ACTION_HELP) },
  { "long-options", NULL, N_("list the long options"),
    ACTION (ACTION_LONG_OPTIONS) },
  { "short-options", NULL, N_("list the short options"),
    ACTION (ACTION_SHORT_OPTIONS) },
  { "V", NULL, N_("the version"), ACTION (ACTION_VERSION) },
  { "version", NULL, N_("the same"), ACTION (ACTION_VERSION) },
};

const size_t option_rows_len = ARRAY_LEN (option_rows);

static int
has_arg (const struct option_row *row)
{
  return row->arg == NULL ? no_argument
    : row->arg_is_optional ? optional_argument : required_argument;
}

int
option_lists_make (struct option_lists *lists, struct error *err)
{
  struct option *to_long;
  char *to_short;

  lists->long_options = calloc (option_rows_len + 1,
                                sizeof *lists->long_options);
  lists->short_options = malloc (2 + 2 * option_rows_len);
  if (lists->long_options == NULL || lists->short_options == NULL) {
    option_lists_reset (lists);
    return error_nomem (err);
  }
  to_long = lists->long_options;
  to_short = lists->short_options;
  *to_short++ = ':';            /* a missing value is an error of its own */
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (option_is_heading (row))
      continue;
    if (option_is_short (row)) {
      *to_short++ = row->name[0];
      if (row->arg != NULL)
        *to_short++ = ':';
    }
    else
      *to_long++ = (struct option) {
        .name = row->name, .has_arg = has_arg (row),
        .val = OPTION_FIRST + (int) i,
      };
  }
  *to_short = '\0';
  return 0;
}

void
option_lists_reset (struct option_lists *lists)
{
  free (lists->long_options);
  free (lists->short_options);
  *lists = (struct option_lists) { .long_options = NULL };
}

const struct option_row *
option_row_of (int c)
{
  if (c >= OPTION_FIRST)
    return &option_rows[c - OPTION_FIRST];
  for (size_t i = 0; i < option_rows_len; i++)
    if (!option_is_heading (&option_rows[i]) &&
        option_is_short (&option_rows[i]) && option_rows[i].name[0] == c)
      return &option_rows[i];
  return NULL;
}

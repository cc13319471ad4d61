/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The table of options, and what each option does when it is given: its value
 * is checked and stored in struct options.  How options are written is
 * options-words.c's business, and whether they go together options-check.c's.
 */

#include <config.h>

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "image/image.h"
#include "input/input.h"
#include "options-table.h"
#include "options.h"
#include "source/source.h"

bool
option_is_heading (const struct option_row *row)
{
  return row->help == NULL;
}

bool
option_is_short (const struct option_row *row)
{
  return row->name[1] == '\0';
}

const char *
option_dashes (const struct option_row *row)
{
  return strlen (row->name) <= 2 ? "-" : "--";
}

const char *
option_arg (const struct option_row *row)
{
  return strchr (row->arg, '|') != NULL ? row->arg : _(row->arg);
}

bool
option_word (const char *words, const char *word, unsigned *number)
{
  const size_t wanted = strlen (word);

  for (*number = 0;; (*number)++) {
    const size_t len = strcspn (words, "|");

    if (len == wanted && strncmp (words, word, len) == 0)
      return true;
    if (words[len] == '\0')
      return false;
    words += len + 1;
  }
}

/* A function that does what an option asks for (the member set of its row),
 * most of which need only some of their arguments.
 */
#define UNUSED __attribute__ ((unused))
#define SETTER(name)                                                    \
  static int                                                            \
  name (const struct option_row *row UNUSED, char *arg UNUSED,          \
        struct options *options UNUSED, struct error *err UNUSED)

static void *
field_of (const struct option_row *row, struct options *options)
{
  return (char *) options + row->field;
}

/* These store something in the row's field. */
SETTER (set_string)
{
  *(const char **) field_of (row, options) = arg;
  return 0;
}

SETTER (set_true)
{
  *(bool *) field_of (row, options) = true;
  return 0;
}

/* An unsigned, from min to max. */
SETTER (set_number)
{
  CLEANUP_FREE char *name = format (err, "%s%s", option_dashes (row),
                                    row->name);
  uint64_t value;

  if (name == NULL ||
      parse_uint (name, arg, row->min, row->max, &value, err) == -1)
    return -1;
  *(unsigned *) field_of (row, options) = (unsigned) value;
  return 0;
}

/* The number of ARG among the row's words. */
static int
parse_word (const struct option_row *row, const char *arg, unsigned *ret,
            struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (arg);

  if (option_word (row->arg, arg, ret))
    return 0;
  error_set (err, REASON_USAGE, _("%s%s: '%s' is not one of %s"),
             option_dashes (row), row->name, arg, row->arg);
  suggest_try_joined (&suggest, row->arg);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "", "", err);
  return -1;
}

/* An enum, whose values are in the order of the words in the row's arg. */
SETTER (set_choice)
{
  return parse_word (row, arg, field_of (row, options), err);
}

/* A bool, "on|off". */
SETTER (set_switch)
{
  unsigned number;

  if (parse_word (row, arg, &number, err) == -1)
    return -1;
  *(bool *) field_of (row, options) = number == 0;
  return 0;
}

/* A string, one of the words in the row's arg. */
SETTER (set_word)
{
  unsigned ignored;

  if (parse_word (row, arg, &ignored, err) == -1)
    return -1;
  return set_string (row, arg, options, err);
}

/* The row's min is the enum action. */
SETTER (set_action)
{
  /* Who asks for help gets it, whatever else is asked for. */
  if (!action_is_about_program (options->action))
    options->action = (enum action) row->min;
  return 0;
}

SETTER (set_allocation)
{
  unsigned number;

  if (parse_word (row, arg, &number, err) == -1)
    return -1;
  options->output.preallocated = number == 1;
  return 0;
}

SETTER (set_bandwidth)
{
  uint64_t value;

  options->settings.bandwidth = arg;
  if (parse_size ("--bandwidth", arg, &value, err) == -1)
    return -1;
  return value > 0 ? 0
    : error_set (err, REASON_USAGE, _("--bandwidth %s reads nothing"), arg);
}

SETTER (set_changed_extents)
{
  if (strcmp (arg, "-") == 0 &&
      argv_contains (&options->changed_extents, "-"))
    return error_set (err, REASON_USAGE,
                      _("--changed-extents: stdin can be read only once"));
  options->output.existing = true;
  return argv_append (&options->changed_extents, arg, err);
}

/* Powers of two, from what a disk can read to what NBD servers take. */
SETTER (set_request_size)
{
  uint64_t value;

  if (parse_size ("--request-size", arg, &value, err) == -1)
    return -1;
  if (value < 4096 || value > (32 << 20) || (value & (value - 1)) != 0)
    return error_set (err, REASON_USAGE,
                      _("--request-size: '%s' is not a power of two from 4k "
                        "to 32M"), arg);
  options->settings.request_size = (uint32_t) value;
  return 0;
}

static void
try_options (struct suggest *suggest, const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    suggest_try (suggest, table->name);
}

static int
no_input_option (const char *key, struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (key);

  error_set (err, REASON_USAGE, _("-io: there is no option '%s'"), key);
  try_options (&suggest, source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    try_options (&suggest, source_table[i]->options);
  for (size_t i = 0; input_table[i] != NULL; i++)
    for (const struct input_option *option = input_table[i]->options;
         option != NULL && option->name != NULL; option++)
      suggest_try (&suggest, option->name);
  suggest_hint (&suggest, "-io ",
                _("v2v-nbdkit-launch -io '?' lists them"), err);
  return -1;
}

SETTER (set_input_option)
{
  CLEANUP_FREE char *key = strndup (arg, strcspn (arg, "="));

  if (strcmp (arg, "?") == 0) {
    options->action = ACTION_INPUT_OPTIONS;
    return 0;
  }
  if (key == NULL)
    return error_nomem (err);
  /* As in "-oo compressed", the name alone means true. */
  if (strcmp (arg, "allow-backing") == 0 ||
      strcmp (arg, "allow-outside") == 0)
    return argv_appendf (&options->settings.input_options, err, "%s=true",
                         arg);
  if (!source_option_exists (key) && input_of_option (key) == NULL)
    return no_input_option (key, err);
  if (strchr (arg, '=') == NULL) {
    error_set (err, REASON_USAGE, _("-io %s needs a value"), key);
    error_hint (err, _("give it as -io %s=VALUE"), key);
    return -1;
  }
  return argv_append (&options->settings.input_options, arg, err);
}

SETTER (set_output_option)
{
  if (strcmp (arg, "?") == 0) {
    options->action = ACTION_OUTPUT_OPTIONS;
    return 0;
  }
  return argv_append (&options->output.options, arg, err);
}

/* The row's min is the enum nic_kind. */
SETTER (set_network)
{
  return network_map_add (&options->networks, (enum nic_kind) row->min, arg,
                          err);
}

SETTER (set_mac)
{
  return network_map_add_mac (&options->networks, arg, err);
}

SETTER (set_password)
{
  options->ask_password = strcmp (arg, "-") == 0;
  if (options->ask_password)
    return 0;
  options->password = secret_read (arg, err);
  return options->password != NULL ? 0 : -1;
}

static int
no_such_format (const char *name, struct error *err)
{
  char *names = NULL;

  error_set (err, REASON_USAGE, _("-if %s: there is no such format"), name);
  for (size_t i = 0; image_format_names[i] != NULL; i++) {
    CLEANUP_FREE char *before = names;

    names = format (err, "%s%s%s", before != NULL ? before : "",
                    before != NULL ? ", " : "", image_format_names[i]);
    if (names == NULL)
      return -1;
  }
  error_hint (err, _("formats are: %s"), names);
  free (names);
  return -1;
}

/* In lower case, as qemu has them. */
SETTER (set_format)
{
  for (char *p = arg; *p != '\0'; p++)
    *p = (char) tolower ((unsigned char) *p);
  options->input_format = arg;
  return image_format_known (arg) ? 0 : no_such_format (arg, err);
}

SETTER (set_machine_readable)
{
  options->machine_readable = true;
  options->machine_stream = arg;
  return 0;
}

SETTER (set_progress)
{
  options->progress = true;
  options->progress_fd = arg;
  return 0;
}

/* --dry-run and --print-source say what to do with it. */
SETTER (set_run)
{
  options->run = arg;
  if (options->action == ACTION_COPY)
    options->action = ACTION_RUN;
  return 0;
}

SETTER (set_summary)
{
  if (!action_is_about_program (options->action))
    options->action = ACTION_SUMMARY;
  return arg == NULL ? 0
    : parse_word (row, arg, field_of (row, options), err);
}

SETTER (set_verbose)
{
  options->very_verbose = options->settings.verbose;
  options->settings.verbose = true;
  return 0;
}

/* Its words are not ours to read: complete.c does, before anything else. */
SETTER (set_complete)
{
  return error_set (err, REASON_USAGE,
                    _("--complete must be the first argument"));
}

#define FIELD(name) .field = offsetof (struct options, name)
#define HEADING(text) { .name = (text) }
#define STRING(member) .set = set_string, FIELD (member)
#define FLAG(member) .set = set_true, FIELD (member)
#define CHOICE(member) .arg = "auto|on|off", .set = set_choice, FIELD (member)
#define NUMBER(member, from, to) \
  .set = set_number, FIELD (member), .min = (from), .max = (to)
#define ACTION(number) .set = set_action, .min = (number)
#define ABOUT(number) ACTION (number), .is_first = true

#define SECONDS_MAX (INT_MAX / 1000)

const struct option_row option_rows[] = {
  HEADING (N_("Input")),
  { "i", N_("MODE"), N_("disk (default), libvirt[xml], nbdkit, ova, vmx"),
    STRING (input_mode) },
  { "ic", N_("URI"), N_("libvirt connection"), STRING (connect) },
  { "if", N_("FORMAT"), N_("format of the input disks"), .set = set_format },
  { "io", N_("KEY=VALUE"), N_("option of the source; '-io ?' lists them"),
    .set = set_input_option, .repeats = true },
  { "ip", N_("FILE"), N_("file with the password, fd:N, or - to be asked"),
    .set = set_password, .reads = true },
  { "it", "nfc|ssh|vddk", N_("how to read VMware's disks"),
    .set = set_word, FIELD (transport) },

  HEADING (N_("Output")),
  { "b", N_("[IN:]OUT"), N_("the same as --bridge"),
    .set = set_network, .min = NIC_BRIDGE, .repeats = true },
  { "bridge", N_("[IN:]OUT"), N_("the bridge OUT for the source's bridge IN"),
    .set = set_network, .min = NIC_BRIDGE, .repeats = true },
  { "mac", N_("MAC:KIND:OUT"), N_("the network or bridge OUT for one card"),
    .set = set_mac, .repeats = true },
  { "n", N_("[IN:]OUT"), N_("the same as --network"),
    .set = set_network, .min = NIC_NETWORK, .repeats = true },
  { "network", N_("[IN:]OUT"), N_("the network OUT for the source's network "
                                  "IN"),
    .set = set_network, .min = NIC_NETWORK, .repeats = true },
  { "o", N_("MODE"), N_("disk, device, kubevirt, libvirt, nbd, null, qemu"),
    STRING (output.mode) },
  { "oa", "sparse|preallocated", N_("allocation of new files (sparse)"),
    .set = set_allocation },
  { "oc", N_("URI"), N_("libvirt connection of -o libvirt"),
    STRING (output.connect) },
  { "of", "raw|qcow2", N_("format of new files (raw)"),
    .set = set_choice, FIELD (output.format) },
  { "on", N_("NAME"), N_("the guest's new name"), STRING (output.name) },
  { "oo", N_("KEY=VALUE"), N_("option of the output; '-oo ?' lists them"),
    .set = set_output_option, .repeats = true },
  { "os", N_("DIR"), N_("output directory, or pool of -o libvirt"),
    STRING (output.storage) },

  HEADING (N_("What to do")),
  { "changed-extents", N_("FILE"), N_("copy only the extents of FILE or of "
                                      "nbd:BITMAP"),
    .set = set_changed_extents, .repeats = true, .reads = true },
  { "check", NULL, N_("test everything that the run would need"),
    ACTION (ACTION_CHECK) },
  { "convert", N_("COMMAND"), N_("run COMMAND on the overlays before the "
                                 "copy"),
    STRING (convert) },
  { "copy-while-converting", .help = N_("copy the source while COMMAND runs "
                                        "(auto)"),
    CHOICE (copy_ahead) },
  { "dry-run", NULL, N_("print the nbdkit commands and exit"),
    ACTION (ACTION_DRY_RUN) },
  { "in-place", NULL, N_("convert the SOURCE disks themselves, all or none"),
    FLAG (in_place) },
  { "print-source", NULL, N_("print what the source holds and exit"),
    ACTION (ACTION_PRINT_SOURCE) },
  { "resume", NULL, N_("complete an interrupted run, or do what is left"),
    FLAG (resume) },
  { "run", N_("COMMAND"), N_("serve the disks while COMMAND runs"),
    .set = set_run },
  { "summary", "table|json|csv", N_("tell what many runs have done, from "
                                    "their files"),
    .set = set_summary, .arg_is_optional = true, FIELD (summary_format) },
  { "verify", NULL, N_("read the target back and compare"), FLAG (verify) },

  HEADING (N_("How to do it")),
  { "bandwidth", N_("RATE"), N_("limit, in bits per second"),
    .set = set_bandwidth },
  { "bandwidth-file", N_("FILE"), N_("read the limit from FILE, also "
                                     "while running"),
    STRING (settings.bandwidth_file), .reads = true },
  { "checksum", NULL, N_("a digest of each disk in the result"),
    FLAG (checksum) },
  { "confine", "auto|off", N_("let nbdkit and qemu use only the run's files "
                              "(auto)"),
    .set = set_choice, FIELD (settings.confinement) },
  { "connections", N_("N"), N_("at most N connections to a source"),
    NUMBER (settings.connections, 1, 64) },
  { "keep-overlay", NULL, N_("do not delete the overlays"),
    FLAG (settings.keep_overlay) },
  { "limit-dir", N_("DIR"), N_("where --source-limit is counted (state "
                               "directory)"),
    STRING (settings.limit_dir) },
  { "limit-key", N_("NAME"), N_("what it is counted for (the source's host)"),
    STRING (settings.limit_key) },
  { "nbdkit", N_("PATH"), N_("the nbdkit program"), STRING (settings.nbdkit) },
  { "overlay-dir", N_("DIR"), N_("where overlays live ($TMPDIR or /var/tmp)"),
    STRING (settings.overlay_dir) },
  { "parallel", N_("N"), N_("disks copied at once (1)"),
    NUMBER (settings.parallel, 1, 64) },
  { "readahead", .help = N_("nbdkit's readahead filter (auto)"),
    CHOICE (settings.readahead) },
  { "request-size", N_("SIZE"), N_("bytes of a read request"),
    .set = set_request_size },
  { "retries", N_("N"), N_("how many times to retry a failed request (5)"),
    NUMBER (settings.retries, 0, 1000) },
  { "retry-status", N_("N"), N_("exit status if the same call may succeed "
                                "later"),
    NUMBER (retry_status, 1, 255) },
  { "selinux", .help = N_("label the sockets (auto)"),
    CHOICE (settings.selinux) },
  { "skip-unused", "on|off", N_("leave out what the guest's file systems do "
                                "not use"),
    .set = set_switch, FIELD (skip_unused) },
  { "source-limit", N_("N"), N_("at most N disks of a host open, over all "
                                "runs"),
    NUMBER (settings.source_limit, 1, 10000) },
  { "stall-timeout", N_("SECONDS"), N_("give up a copy after so long without "
                                       "progress (300)"),
    NUMBER (settings.stall_timeout_s, 1, SECONDS_MAX) },
  { "startup-timeout", N_("SECONDS"), N_("how long nbdkit may take to listen "
                                         "(30)"),
    NUMBER (settings.startup_timeout_s, 1, SECONDS_MAX) },
  { "state-dir", N_("DIR"), N_("where locks, journals and records are kept"),
    STRING (settings.state_dir), .is_quiet = true },
  { "wait-timeout", N_("SECONDS"), N_("how long to wait for --source-limit "
                                      "(forever)"),
    NUMBER (settings.wait_timeout_s, 1, SECONDS_MAX) },

  HEADING (N_("Messages and reports")),
  { "colours", NULL, N_("use colours even without a terminal"),
    FLAG (colours), .is_quiet = true },
  { "log", N_("FILE"), N_("everything that nbdkit, qemu and the commands "
                          "print"),
    STRING (log) },
  { "machine-readable", "fd:N|file:PATH|stream:stdout|stream:stderr",
    N_("JSON lines; alone: capabilities"),
    .set = set_machine_readable, .arg_is_optional = true, .is_first = true,
    .is_quiet = true },
  { "no-progress", NULL, N_("no progress bar, no lines of progress"), FLAG (no_progress),
    .is_quiet = true },
  { "progress", N_("FD"), N_("a progress bar, or N/100 lines on FD"),
    .set = set_progress, .arg_is_optional = true },
  { "q", NULL, N_("quiet: only errors"), FLAG (quiet), .is_quiet = true },
  { "quiet", NULL, N_("the same"), FLAG (quiet), .is_quiet = true },
  { "report", N_("FILE"), N_("a page with pictures of the run (HTML)"),
    STRING (report) },
  { "result-file", N_("PATH"), N_("write the last JSON object to PATH"),
    STRING (result_file), .is_first = true },
  { "status-file", N_("PATH"), N_("the latest progress object, while the run "
                                  "goes on"),
    STRING (status_file) },
  { "v", NULL, N_("explain decisions; -v -v: nbdkit's messages too"),
    .set = set_verbose, .is_quiet = true },
  { "verbose", NULL, N_("the same"), .set = set_verbose, .is_quiet = true },
  { "x", NULL, N_("trace each command that is run"), FLAG (trace),
    .is_quiet = true },

  HEADING (N_("About")),
  { "complete", N_("WORD..."), N_("how a command line can go on, for shells"),
    .set = set_complete },
  { "help", NULL, N_("this text"), ABOUT (ACTION_HELP) },
  { "long-options", NULL, N_("list the long options"),
    ABOUT (ACTION_LONG_OPTIONS) },
  { "short-options", NULL, N_("list the short options"),
    ABOUT (ACTION_SHORT_OPTIONS) },
  { "V", NULL, N_("the version"), ABOUT (ACTION_VERSION) },
  { "version", NULL, N_("the same"), ABOUT (ACTION_VERSION) },
};

const size_t option_rows_len = ARRAY_LEN (option_rows);
_Static_assert (ARRAY_LEN (option_rows) <= OPTION_ROWS_MAX,
                "OPTION_ROWS_MAX is too small");

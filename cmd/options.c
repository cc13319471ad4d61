/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One table feeds the parser, --help, --long-options and, through the
 * latter, the completion.
 */

#include <config.h>

#include <getopt.h>
#include <limits.h>
#include <string.h>

#include "cleanup.h"
#include "error.h"
#include "i18n.h"
#include "input.h"
#include "options.h"
#include "parse.h"
#include "source.h"

enum id {
  OPT_BANDWIDTH = 256, OPT_BANDWIDTH_FILE, OPT_COLOURS, OPT_CONNECTIONS,
  OPT_CONVERT, OPT_DRY_RUN, OPT_HELP, OPT_IC, OPT_IF, OPT_IO, OPT_IP, OPT_IT,
  OPT_KEEP_OVERLAY, OPT_LOG, OPT_LONG_OPTIONS, OPT_MACHINE_READABLE,
  OPT_NBDKIT, OPT_NO_PROGRESS, OPT_OA, OPT_OF, OPT_ON, OPT_OO, OPT_OS,
  OPT_OVERLAY_DIR, OPT_PARALLEL, OPT_PRINT_SOURCE, OPT_PROGRESS,
  OPT_READAHEAD, OPT_REQUEST_SIZE, OPT_RESULT_FILE, OPT_RETRIES, OPT_RUN,
  OPT_SELINUX, OPT_SHORT_OPTIONS, OPT_STALL_TIMEOUT, OPT_STARTUP_TIMEOUT,
};

static const char short_options[] = ":i:o:qvxV";

struct row {
  const char *name;             /* one letter: a short option */
  int id;
  int has_arg;                  /* as in struct option */
  const char *arg;              /* what it is called, translated */
  const char *help;             /* translated; NULL: a heading */
};

static const struct row rows[] = {
  { N_("Input"), 0, 0, NULL, NULL },
  { "i", 'i', required_argument, N_("MODE"),
    N_("disk (default), libvirt, libvirtxml, nbdkit") },
  { "ic", OPT_IC, required_argument, N_("URI"), N_("libvirt connection") },
  { "if", OPT_IF, required_argument, N_("FORMAT"),
    N_("format of the input disks") },
  { "io", OPT_IO, required_argument, N_("KEY=VALUE"),
    N_("option of the source; '-io ?' lists them") },
  { "ip", OPT_IP, required_argument, N_("FILE"),
    N_("file with the password, or fd:N") },
  { "it", OPT_IT, required_argument, N_("TRANSPORT"), N_("ssh or vddk") },

  { N_("Output"), 0, 0, NULL, NULL },
  { "o", 'o', required_argument, N_("MODE"),
    N_("disk (or local), device, nbd, null") },
  { "oa", OPT_OA, required_argument, N_("ALLOCATION"),
    N_("sparse (default) or preallocated") },
  { "of", OPT_OF, required_argument, N_("FORMAT"),
    N_("raw (default) or qcow2") },
  { "on", OPT_ON, required_argument, N_("NAME"),
    N_("the guest's new name") },
  { "oo", OPT_OO, required_argument, N_("KEY=VALUE"),
    N_("option of the output: path, uri, zero, compressed") },
  { "os", OPT_OS, required_argument, N_("DIR"), N_("output directory") },

  { N_("What to do"), 0, 0, NULL, NULL },
  { "convert", OPT_CONVERT, required_argument, N_("COMMAND"),
    N_("run COMMAND on the overlays before the copy") },
  { "dry-run", OPT_DRY_RUN, no_argument, NULL,
    N_("print the nbdkit commands and exit") },
  { "print-source", OPT_PRINT_SOURCE, no_argument, NULL,
    N_("print what the source holds and exit") },
  { "run", OPT_RUN, required_argument, N_("COMMAND"),
    N_("serve the disks while COMMAND runs") },

  { N_("How to do it"), 0, 0, NULL, NULL },
  { "bandwidth", OPT_BANDWIDTH, required_argument, N_("RATE"),
    N_("limit, in bits per second") },
  { "bandwidth-file", OPT_BANDWIDTH_FILE, required_argument, N_("FILE"),
    N_("the limit is read from FILE, again and again") },
  { "connections", OPT_CONNECTIONS, required_argument, "N",
    N_("at most N connections to a source") },
  { "keep-overlay", OPT_KEEP_OVERLAY, no_argument, NULL,
    N_("do not delete the overlays") },
  { "nbdkit", OPT_NBDKIT, required_argument, N_("PATH"),
    N_("the nbdkit program") },
  { "overlay-dir", OPT_OVERLAY_DIR, required_argument, N_("DIR"),
    N_("where overlays live ($TMPDIR or /var/tmp)") },
  { "parallel", OPT_PARALLEL, required_argument, "N",
    N_("disks copied at once (1)") },
  { "readahead", OPT_READAHEAD, required_argument, "auto|on|off",
    N_("nbdkit's readahead filter (auto)") },
  { "request-size", OPT_REQUEST_SIZE, required_argument, N_("SIZE"),
    N_("bytes of a read request") },
  { "retries", OPT_RETRIES, required_argument, "N",
    N_("how often a failed request is tried again (5)") },
  { "selinux", OPT_SELINUX, required_argument, "auto|on|off",
    N_("label the sockets (auto)") },
  { "stall-timeout", OPT_STALL_TIMEOUT, required_argument, N_("SECONDS"),
    N_("give up a copy that does not move (300)") },
  { "startup-timeout", OPT_STARTUP_TIMEOUT, required_argument, N_("SECONDS"),
    N_("how long nbdkit may take to listen (30)") },

  { N_("What is said"), 0, 0, NULL, NULL },
  { "colours", OPT_COLOURS, no_argument, NULL,
    N_("colours even if it is no terminal") },
  { "log", OPT_LOG, required_argument, N_("FILE"),
    N_("everything that nbdkit, qemu and the commands print") },
  { "machine-readable", OPT_MACHINE_READABLE, optional_argument,
    "fd:N|file:PATH|stream:stdout|stream:stderr",
    N_("JSON lines; alone: capabilities") },
  { "no-progress", OPT_NO_PROGRESS, no_argument, NULL,
    N_("no progress bar") },
  { "progress", OPT_PROGRESS, optional_argument, N_("FD"),
    N_("a progress bar, or N/100 lines on FD") },
  { "q", 'q', no_argument, NULL, N_("quiet: only errors") },
  { "quiet", 'q', no_argument, NULL, N_("the same") },
  { "result-file", OPT_RESULT_FILE, required_argument, N_("PATH"),
    N_("the last JSON object") },
  { "v", 'v', no_argument, NULL, N_("verbose: decisions and their reasons; twice: nbdkit's too") },
  { "verbose", 'v', no_argument, NULL, N_("the same") },
  { "x", 'x', no_argument, NULL, N_("trace each command that is run") },

  { N_("About"), 0, 0, NULL, NULL },
  { "help", OPT_HELP, no_argument, NULL, N_("this text") },
  { "long-options", OPT_LONG_OPTIONS, no_argument, NULL,
    N_("list the long options") },
  { "short-options", OPT_SHORT_OPTIONS, no_argument, NULL,
    N_("list the short options") },
  { "V", 'V', no_argument, NULL, N_("the version") },
  { "version", 'V', no_argument, NULL, N_("the same") },
};

static bool
is_heading (const struct row *row)
{
  return row->help == NULL;
}

static bool
is_short (const struct row *row)
{
  return row->name[1] == '\0';
}

/* With one dash, as virt-v2v writes -ic and -os. */
static const char *
dashes (const struct row *row)
{
  return strlen (row->name) <= 2 ? "-" : "--";
}

static void
make_long_options (struct option long_options[ARRAY_LEN (rows) + 1])
{
  size_t n = 0;

  for (size_t i = 0; i < ARRAY_LEN (rows); i++)
    if (!is_heading (&rows[i]) && !is_short (&rows[i]))
      long_options[n++] = (struct option) {
        .name = rows[i].name, .has_arg = rows[i].has_arg, .val = rows[i].id,
      };
  long_options[n] = (struct option) { .name = NULL };
}

static void
print_row (const struct row *row)
{
  char left[80];

  snprintf (left, sizeof left, "%s%s%s%s%s", dashes (row), row->name,
            row->has_arg == optional_argument ? "[=" :
            row->arg != NULL ? " " : "",
            row->arg != NULL ? _(row->arg) : "",
            row->has_arg == optional_argument ? "]" : "");
  if (strlen (left) > 24)
    printf ("  %s\n  %-24s  %s\n", left, "", _(row->help));
  else
    printf ("  %-24s  %s\n", left, _(row->help));
}

void
options_print_help (void)
{
  fputs (_("v2v-nbdkit-launch: get a virtual machine's disks to KVM through "
           "nbdkit\n\n"
           "Usage:\n"
           "  v2v-nbdkit-launch [-i MODE] [-i* options] SOURCE... [-o MODE] "
           "[-o* options]\n"
           "                    [--convert COMMAND] [options]\n"), stdout);
  for (size_t i = 0; i < ARRAY_LEN (rows); i++)
    if (is_heading (&rows[i]))
      printf ("\n%s:\n", _(rows[i].name));
    else
      print_row (&rows[i]);
  fputs (_("\nThe manual page v2v-nbdkit-launch(1) has the details and "
           "examples.\n"), stdout);
}

void
options_print_short (void)
{
  for (size_t i = 0; i < ARRAY_LEN (rows); i++)
    if (!is_heading (&rows[i]) && is_short (&rows[i]))
      printf ("-%s\n", rows[i].name);
}

void
options_print_long (void)
{
  for (size_t i = 0; i < ARRAY_LEN (rows); i++)
    if (!is_heading (&rows[i]) && !is_short (&rows[i]))
      printf ("%s%s\n", dashes (&rows[i]), rows[i].name);
}

static int
parse_choice (const char *what, const char *arg, enum choice *ret,
              struct error *err)
{
  static const char *const words[] = {
    [CHOICE_AUTO] = "auto", [CHOICE_ON] = "on", [CHOICE_OFF] = "off",
  };

  for (size_t i = 0; i < ARRAY_LEN (words); i++)
    if (strcmp (words[i], arg) == 0) {
      *ret = (enum choice) i;
      return 0;
    }
  return error_set (err, REASON_USAGE, _("%s: '%s' is none of auto, on, off"),
                    what, arg);
}

static int
parse_number (const char *what, const char *arg, unsigned min, unsigned max,
              unsigned *ret, struct error *err)
{
  uint64_t value;

  if (parse_uint (what, arg, min, max, &value, err) == -1)
    return -1;
  *ret = (unsigned) value;
  return 0;
}

/* Powers of two, from what a disk can read to what NBD servers take. */
static int
parse_request_size (const char *arg, uint32_t *ret, struct error *err)
{
  uint64_t value;

  if (parse_size ("--request-size", arg, &value, err) == -1)
    return -1;
  if (value < 4096 || value > (32 << 20) || (value & (value - 1)) != 0)
    return error_set (err, REASON_USAGE,
                      _("--request-size: '%s' is not a power of two from 4k "
                        "to 32M"), arg);
  *ret = (uint32_t) value;
  return 0;
}

static int
parse_rate (const char *arg, struct error *err)
{
  uint64_t value;

  return parse_size ("--bandwidth", arg, &value, err);
}

static int
parse_output_format (const char *arg, enum output_format *ret,
                     struct error *err)
{
  if (strcmp (arg, "raw") == 0)
    *ret = OUTPUT_RAW;
  else if (strcmp (arg, "qcow2") == 0)
    *ret = OUTPUT_QCOW2;
  else
    return error_set (err, REASON_USAGE,
                      _("-of: '%s' is neither raw nor qcow2"), arg);
  return 0;
}

static int
parse_allocation (const char *arg, bool *preallocated, struct error *err)
{
  *preallocated = strcmp (arg, "preallocated") == 0;
  if (*preallocated || strcmp (arg, "sparse") == 0)
    return 0;
  return error_set (err, REASON_USAGE,
                    _("-oa: '%s' is neither sparse nor preallocated"), arg);
}

static int
add_input_option (const char *arg, struct options *options,
                  struct error *err)
{
  CLEANUP_FREE char *key = strndup (arg, strcspn (arg, "="));

  if (strcmp (arg, "?") == 0) {
    options->action = ACTION_INPUT_OPTIONS;
    return 0;
  }
  if (key == NULL)
    return error_nomem (err);
  /* As in "-oo compressed", the name alone means true. */
  if (strcmp (arg, "allow-backing") == 0)
    arg = "allow-backing=true";
  if (strchr (arg, '=') == NULL || !source_option_exists (key)) {
    error_set (err, REASON_USAGE, _("-io: there is no option '%s'"), key);
    error_hint (err, _("'-io ?' lists them"));
    return -1;
  }
  return argv_append (&options->settings.input_options, arg, err);
}

static int
set_action (struct options *options, enum action action)
{
  options->action = action;
  return 0;
}

static int
set_password (const char *arg, struct options *options, struct error *err)
{
  secret_free (options->password);
  options->password = secret_read (arg, err);
  return options->password != NULL ? 0 : -1;
}

static int
parse_input (int id, char *arg, struct options *options, struct error *err)
{
  switch (id) {
  case 'i': options->input_mode = arg; return 0;
  case OPT_IC: options->connect = arg; return 0;
  case OPT_IF: options->input_format = arg; return 0;
  case OPT_IT: options->transport = arg; return 0;
  case OPT_IP: return set_password (arg, options, err);
  default: return add_input_option (arg, options, err);
  }
}

static int
parse_output (int id, char *arg, struct options *options, struct error *err)
{
  struct output_settings *output = &options->output;

  switch (id) {
  case 'o': output->mode = arg; return 0;
  case OPT_OA: return parse_allocation (arg, &output->preallocated, err);
  case OPT_OF: return parse_output_format (arg, &output->format, err);
  case OPT_ON: output->name = arg; return 0;
  case OPT_OS: output->storage = arg; return 0;
  default: return argv_append (&output->options, arg, err);
  }
}

static int
parse_setting (int id, char *arg, struct settings *settings,
               struct error *err)
{
  switch (id) {
  case OPT_BANDWIDTH:
    settings->bandwidth = arg;
    return parse_rate (arg, err);
  case OPT_BANDWIDTH_FILE:
    settings->bandwidth_file = arg;
    return 0;
  case OPT_CONNECTIONS:
    return parse_number ("--connections", arg, 1, 64,
                         &settings->connections, err);
  case OPT_KEEP_OVERLAY:
    settings->keep_overlay = true;
    return 0;
  case OPT_NBDKIT:
    settings->nbdkit = arg;
    return 0;
  case OPT_OVERLAY_DIR:
    settings->overlay_dir = arg;
    return 0;
  case OPT_PARALLEL:
    return parse_number ("--parallel", arg, 1, 64, &settings->parallel, err);
  case OPT_READAHEAD:
    return parse_choice ("--readahead", arg, &settings->readahead, err);
  case OPT_REQUEST_SIZE:
    return parse_request_size (arg, &settings->request_size, err);
  case OPT_RETRIES:
    return parse_number ("--retries", arg, 0, 1000, &settings->retries, err);
  case OPT_SELINUX:
    return parse_choice ("--selinux", arg, &settings->selinux, err);
  case OPT_STALL_TIMEOUT:
    return parse_number ("--stall-timeout", arg, 1, INT_MAX / 1000,
                         &settings->stall_timeout_s, err);
  default:
    return parse_number ("--startup-timeout", arg, 1, INT_MAX / 1000,
                         &settings->startup_timeout_s, err);
  }
}

static int
parse_talk (int id, char *arg, struct options *options)
{
  switch (id) {
  case OPT_COLOURS: options->colours = true; break;
  case OPT_LOG: options->log = arg; break;
  case OPT_MACHINE_READABLE:
    options->machine_readable = true;
    options->machine_stream = arg;
    break;
  case OPT_NO_PROGRESS: options->no_progress = true; break;
  case OPT_PROGRESS:
    options->progress = true;
    options->progress_fd = arg;
    break;
  case OPT_RESULT_FILE: options->result_file = arg; break;
  case 'q': options->quiet = true; break;
  case 'v':
    options->very_verbose = options->verbose;
    options->verbose = options->settings.verbose = true;
    break;
  default: options->trace = true; break;
  }
  return 0;
}

static int
parse_one (int id, char *arg, struct options *options, struct error *err)
{
  switch (id) {
  case 'i': case OPT_IC: case OPT_IF: case OPT_IO: case OPT_IP: case OPT_IT:
    return parse_input (id, arg, options, err);
  case 'o': case OPT_OA: case OPT_OF: case OPT_ON: case OPT_OO: case OPT_OS:
    return parse_output (id, arg, options, err);
  case OPT_COLOURS: case OPT_LOG: case OPT_MACHINE_READABLE:
  case OPT_NO_PROGRESS: case OPT_PROGRESS: case OPT_RESULT_FILE:
  case 'q': case 'v': case 'x':
    return parse_talk (id, arg, options);
  case OPT_CONVERT:
    options->convert = arg;
    return 0;
  case OPT_RUN:
    options->run = arg;
    return options->action == ACTION_COPY
      ? set_action (options, ACTION_RUN) : 0;
  case OPT_DRY_RUN: return set_action (options, ACTION_DRY_RUN);
  case OPT_PRINT_SOURCE: return set_action (options, ACTION_PRINT_SOURCE);
  case OPT_HELP: return set_action (options, ACTION_HELP);
  case 'V': return set_action (options, ACTION_VERSION);
  case OPT_SHORT_OPTIONS: return set_action (options, ACTION_SHORT_OPTIONS);
  case OPT_LONG_OPTIONS: return set_action (options, ACTION_LONG_OPTIONS);
  default:
    return parse_setting (id, arg, &options->settings, err);
  }
}

static void
set_defaults (struct options *options)
{
  const char *nbdkit = getenv ("V2V_NBDKIT");
  const char *tmpdir = getenv ("TMPDIR");

  *options = (struct options) {
    .action = ACTION_COPY,
    .settings = {
      .nbdkit = nbdkit != NULL && *nbdkit != '\0' ? nbdkit : "nbdkit",
      .retries = DEFAULT_RETRIES,
      .startup_timeout_s = 30,
      .stall_timeout_s = 300,
      .parallel = 1,
      .overlay_dir = tmpdir != NULL && *tmpdir != '\0' ? tmpdir : "/var/tmp",
    },
  };
}

static int
report_bad_option (int c, char **argv, struct error *err)
{
  /* getopt leaves no word for a bad long option but the one before. */
  const char *word = argv[optind - 1];

  if (c == ':')
    error_set (err, REASON_USAGE, _("the option %s needs a value"), word);
  else
    error_set (err, REASON_USAGE, _("there is no option %s, or its value is "
                                    "missing or too many"), word);
  error_hint (err, _("v2v-nbdkit-launch --help lists the options"));
  return -1;
}

static int
read_arguments (int argc, char **argv, struct options *options,
                struct error *err)
{
  struct option long_options[ARRAY_LEN (rows) + 1];
  int c;

  make_long_options (long_options);
  opterr = 0;
  while ((c = getopt_long_only (argc, argv, short_options, long_options,
                                NULL)) != -1) {
    if (c == '?' || c == ':')
      return report_bad_option (c, argv, err);
    if (parse_one (c, optarg, options, err) == -1)
      return -1;
  }
  for (; optind < argc; optind++)
    if (argv_append (&options->sources, argv[optind], err) == -1)
      return -1;
  return 0;
}

static void
choose_input (struct options *options)
{
  if (options->input_mode == NULL)
    options->input_mode = options->connect != NULL ? "libvirt" : "disk";
}

static int
check_input (const struct options *options, struct error *err)
{
  const bool libvirt = strcmp (options->input_mode, "libvirt") == 0;
  const char *transport = options->transport;

  if (input_find (options->input_mode) == NULL) {
    error_set (err, REASON_USAGE, _("-i %s: there is no such input"),
               options->input_mode);
    error_hint (err, _("v2v-nbdkit-launch --help lists them"));
    return -1;
  }
  if (options->connect != NULL && !libvirt)
    return error_set (err, REASON_USAGE, _("-ic is for -i libvirt only"));
  if (transport != NULL && strcmp (transport, "ssh") != 0 &&
      strcmp (transport, "vddk") != 0)
    return error_set (err, REASON_USAGE,
                      _("-it: '%s' is neither ssh nor vddk"), transport);
  if (options->sources.len > 0)
    return 0;
  error_set (err, REASON_USAGE, _("no SOURCE was given"));
  error_hint (err, _("v2v-nbdkit-launch --help shows how it is used"));
  return -1;
}

static bool
takes_many_sources (const struct options *options)
{
  return strcmp (options->input_mode, "disk") == 0 ||
    strcmp (options->input_mode, "nbdkit") == 0;
}

static int
check_action (struct options *options, struct error *err)
{
  struct output_settings *output = &options->output;

  if (options->sources.len > 1 && !takes_many_sources (options))
    return error_set (err, REASON_USAGE, _("-i %s takes one SOURCE"),
                      options->input_mode);
  if (options->run != NULL && options->convert != NULL)
    return error_set (err, REASON_USAGE,
                      _("--run and --convert exclude each other"));
  if (options->run != NULL && output->mode != NULL)
    return error_set (err, REASON_USAGE,
                      _("--run copies nothing, so that it takes no -o"));
  if (options->action != ACTION_COPY)
    return 0;
  if (output->mode == NULL && output->storage != NULL)
    output->mode = "disk";
  if (output->mode != NULL)
    return 0;
  error_set (err, REASON_USAGE, _("where to copy to was not said"));
  error_hint (err, _("give -o disk -os DIR, -o device -oo path=/dev/X, -o "
                     "nbd -oo uri=URI, or -o null"));
  return -1;
}

/* Is it a question about the program itself? */
static bool
is_about (enum action action)
{
  return action == ACTION_HELP || action == ACTION_VERSION ||
    action == ACTION_SHORT_OPTIONS || action == ACTION_LONG_OPTIONS ||
    action == ACTION_INPUT_OPTIONS;
}

int
options_parse (int argc, char **argv, struct options *options,
               struct error *err)
{
  set_defaults (options);
  if (read_arguments (argc, argv, options, err) == -1)
    return -1;
  choose_input (options);
  if (is_about (options->action))
    return 0;
  if (options->machine_readable && options->sources.len == 0 &&
      options->action == ACTION_COPY) {
    options->action = ACTION_CAPABILITIES;
    return 0;
  }
  if (check_input (options, err) == -1)
    return -1;
  return check_action (options, err);
}

void
options_reset (struct options *options)
{
  secret_free (options->password);
  argv_reset (&options->sources);
  argv_reset (&options->output.options);
  argv_reset (&options->settings.input_options);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which options go together, and which inputs, outputs and -oo options there
 * are.  What a single value may be is options-table.c's business.
 */

#include <config.h>

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "guest/attach.h"
#include "input/input.h"
#include "options-table.h"
#include "options.h"
#include "output/output.h"
#include "overwrite.h"
#include "source/ssh-key.h"
#include "target-hint.h"
#include "virt-v2v-names.h"

/* The scheme of libvirt's URIs for guests of MODE, or NULL. */
static const char *
scheme_of (const char *mode)
{
  static const struct { const char *modes, *scheme; } schemes[] = {
    { "esx|esxi", "esx" }, { "vcenter|vpx", "vpx" },
    { "xen|xen+ssh", "xen+ssh" },
  };
  unsigned ignored;

  for (size_t i = 0; i < ARRAY_LEN (schemes); i++)
    if (option_word (schemes[i].modes, mode, &ignored))
      return schemes[i].scheme;
  return NULL;
}

static int
no_such_input (const char *mode, struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (mode);

  error_set (err, REASON_USAGE, _("-i %s: there is no such input"), mode);
  if (scheme_of (mode) != NULL) {
    error_hint (err, _("such guests are found by a URI: -ic %s://... GUEST"),
                scheme_of (mode));
    return -1;
  }
  for (size_t i = 0; input_table[i] != NULL; i++)
    suggest_try (&suggest, input_table[i]->name);
  /* virt-v2v's other name for it. */
  if (strcmp (mode, "local") == 0)
    suggest.best = "disk";
  suggest_hint (&suggest, "-i ",
                _("v2v-nbdkit-launch --help lists them"), err);
  return -1;
}

/* A script's list or variable may be empty. */
static int
check_sources (const struct options *options, const struct input_ops *input,
               struct error *err)
{
  const struct argv *sources = &options->sources;

  if (sources->len == 0) {
    error_set (err, REASON_USAGE, _("no SOURCE was given"));
    error_hint (err, "%s", input->one_source != NULL ? _(input->one_source)
                : _("v2v-nbdkit-launch without arguments shows how to use "
                    "it"));
    return -1;
  }
  for (size_t i = 0; i < sources->len; i++)
    if (sources->ptr[i][0] == '\0') {
      error_set (err, REASON_USAGE, _("SOURCE number %zu is empty"), i + 1);
      error_hint (err, _("is a shell variable empty?"));
      return -1;
    }
  if (input->one_source != NULL && sources->len > 1)
    return error_set (err, REASON_USAGE,
                      _("-i %s takes one SOURCE, not '%s' as well"),
                      options->input_mode, sources->ptr[1]);
  return 0;
}

/* Of -io and -oo, which are in LIST, only these may have several values; of
 * others all but the last one would be ignored.
 */
static int
check_keys (const char *option, const struct argv *list, struct error *err)
{
  static const char repeating[] =
    "curl-header|file|filter|path|pvc|uri|vddk-file";
  unsigned ignored;

  for (size_t i = 1; i < list->len; i++) {
    const size_t len = strcspn (list->ptr[i], "=");
    CLEANUP_FREE char *key = strndup (list->ptr[i], len);

    if (key == NULL)
      return error_nomem (err);
    for (size_t j = 0; j < i; j++)
      if (strcspn (list->ptr[j], "=") == len &&
          strncmp (list->ptr[j], key, len) == 0 &&
          !option_word (repeating, key, &ignored))
        return error_set (err, REASON_USAGE,
                          _("the option %s%s was given more than once"),
                          option, key);
  }
  return 0;
}

/* An option of another input would change nothing. */
static int
check_input_options (const struct options *options,
                     const struct input_ops *input, struct error *err)
{
  const struct argv *list = &options->settings.input_options;

  for (size_t i = 0; i < list->len; i++) {
    CLEANUP_FREE char *key = strndup (list->ptr[i],
                                      strcspn (list->ptr[i], "="));
    const struct input_ops *owner;

    if (key == NULL)
      return error_nomem (err);
    owner = input_of_option (key);
    if (owner != NULL && owner != input)
      return error_set (err, REASON_USAGE, _("-io %s is for -i %s only"),
                        key, owner->name);
  }
  return 0;
}

static int
check_input (const struct options *options, struct error *err)
{
  const struct input_ops *input = input_find (options->input_mode);

  if (input == NULL)
    return no_such_input (options->input_mode, err);
  if (options->connect != NULL && input != &input_libvirt)
    return error_set (err, REASON_USAGE, _("-ic is for -i libvirt only"));
  if (check_input_options (options, input, err) == -1)
    return -1;
  return check_sources (options, input, err);
}

static int
check_commands (const struct options *options, struct error *err)
{
  const bool run = options->run != NULL;
  const bool extents = options->changed_extents.len > 0;
  const bool whole_copy = options->verify || options->checksum;
  const struct {
    bool wrong;
    const char *text;
  } rules[] = {
    { run && options->convert != NULL,
      N_("--run and --convert cannot be used together") },
    { options->in_place && options->convert == NULL,
      N_("--in-place does nothing without --convert") },
    { (options->in_place || extents) && whole_copy,
      N_("--verify and --checksum cannot be given with --in-place or "
         "--changed-extents") },
    { run && extents,
      N_("--run and --changed-extents cannot be used together") },
    { run && options->output.mode != NULL,
      N_("--run copies nothing: -o cannot be given") },
    { run && (whole_copy || options->resume),
      N_("--run copies nothing: --resume, --verify and --checksum "
         "cannot be given") },
  };

  for (size_t i = 0; i < ARRAY_LEN (rules); i++)
    if (rules[i].wrong)
      return error_set (err, REASON_USAGE, "%s", _(rules[i].text));
  return 0;
}

/* Blocks that are free are left out of a copy of whole disks, for a target
 * that is stored.
 */
static int
check_skip_unused (const struct options *options, struct error *err)
{
  const struct {
    bool wrong;
    const char *text, *hint;
  } rules[] = {
    { options->run != NULL,
      N_("--skip-unused cannot be used with --run, which copies nothing"),
      N_("leave it out: the command is served the whole disks") },
    { options->changed_extents.len > 0,
      N_("--skip-unused cannot be used with --changed-extents, which already "
         "says what is copied"),
      N_("leave it out: it is only for the first, full copy") },
    { options->in_place,
      N_("--skip-unused cannot be used with --in-place, which copies "
         "nothing"),
      N_("leave it out: only what the conversion has changed is written") },
    { options->output.mode != NULL &&
      strcmp (options->output.mode, "null") == 0,
      N_("--skip-unused cannot be used with -o null, which reads the whole "
         "disks and stores nothing"),
      N_("leave it out; --check --skip-unused on, without -o, tells what "
         "the file systems use") },
  };

  for (size_t i = 0; options->skip_unused && i < ARRAY_LEN (rules); i++)
    if (rules[i].wrong) {
      error_set (err, REASON_USAGE, "%s", _(rules[i].text));
      error_hint (err, "%s", _(rules[i].hint));
      return -1;
    }
  return 0;
}

int
options_refuse_ahead (const char *obstacle, struct error *err)
{
  error_set (err, REASON_USAGE,
             _("--copy-while-converting on is not possible: %s"), obstacle);
  error_hint (err, _("leave it out, or give --copy-while-converting off"));
  return -1;
}

static int
check_copy_ahead (const struct options *options, struct error *err)
{
  const struct {
    bool wrong;
    const char *text;
  } rules[] = {
    { options->run != NULL, N_("--run copies nothing") },
    { options->convert == NULL, N_("there is no --convert") },
    { options->changed_extents.len > 0,
      N_("with --changed-extents the command is run when the extents have "
         "been copied") },
    { options->in_place, N_("--in-place copies nothing") },
  };

  for (size_t i = 0; options->copy_ahead == CHOICE_ON &&
         i < ARRAY_LEN (rules); i++)
    if (rules[i].wrong)
      return options_refuse_ahead (_(rules[i].text), err);
  return 0;
}

static int
check_output_mode (const char *mode, struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (mode);

  for (size_t i = 0; output_modes[i] != NULL; i++) {
    if (strcmp (output_modes[i], mode) == 0)
      return 0;
    suggest_try (&suggest, output_modes[i]);
  }
  error_set (err, REASON_USAGE, _("-o %s: there is no such output"), mode);
  if (virt_v2v_output (mode) != NULL) {
    error_hint (err, "%s", virt_v2v_output (mode));
    return -1;
  }
  suggest_hint (&suggest, "-o ",
                _("v2v-nbdkit-launch --help lists them"), err);
  return -1;
}

static int
check_output_option (const char *mode, const char *option, struct error *err)
{
  const struct output_option *table = output_options (mode);
  CLEANUP_FREE char *key = strndup (option, strcspn (option, "="));
  struct suggest suggest = SUGGEST_INIT (key);

  if (key == NULL)
    return error_nomem (err);
  for (; table->name != NULL; table++) {
    if (strcmp (table->name, key) == 0)
      return 0;
    suggest_try (&suggest, table->name);
  }
  error_set (err, REASON_USAGE, _("-o %s has no option '-oo %s'"), mode, key);
  if (output_instead (mode, key) != NULL)
    error_hint (err, "%s", output_instead (mode, key));
  else
    suggest_hint (&suggest, "-oo ",
                  _("v2v-nbdkit-launch -oo '?' lists them"), err);
  return -1;
}

static int
check_bus (const struct options *options, enum copy_bus *ret,
           struct error *err)
{
  const struct argv *list = &options->output.options;
  const char *value = argv_value (list, "bus");

  if (value == NULL && !argv_contains (list, "bus"))
    return 0;
  if (options->changed_extents.len > 0)
    return error_set (err, REASON_USAGE,
                      _("-oo bus is for new files, --changed-extents for "
                        "existing ones"));
  return attach_parse_bus (value != NULL ? value : "", ret, err);
}

static int
check_no_output (const struct options *options, struct error *err)
{
  if (options->output.mode == NULL)
    return 0;
  return error_set (err, REASON_USAGE,
                    _("--in-place changes the SOURCE disks: -o can be "
                      "given only with --changed-extents"));
}

static int
no_output (const struct options *options, struct error *err)
{
  error_set (err, REASON_USAGE, _("no output was given"));
  if (!target_hint (options, err))
    error_hint (err, _("give -o disk -os DIR (or -o kubevirt, -o libvirt, -o "
                       "qemu), -o device -oo path=/dev/X, -o nbd -oo uri=URI, "
                       "or -o null"));
  return -1;
}

static int
check_output (struct options *options, struct error *err)
{
  struct output_settings *output = &options->output;

  if (output->mode == NULL && output->connect != NULL)
    output->mode = "libvirt";
  if (output->mode == NULL &&
      (output->storage != NULL ||
       argv_value (&output->options, "file") != NULL))
    output->mode = "disk";
  if (options->in_place && options->changed_extents.len == 0)
    return check_no_output (options, err);
  if (output->mode == NULL && options->action != ACTION_COPY &&
      (options->action != ACTION_CHECK || output->options.len == 0))
    return 0;
  if (output->mode == NULL)
    return no_output (options, err);
  if (check_output_mode (output->mode, err) == -1)
    return -1;
  if (output->connect != NULL && strcmp (output->mode, "libvirt") != 0)
    return error_set (err, REASON_USAGE, _("-oc is for -o libvirt only"));
  /* A conversion of the source would write blocks that the extents do not
   * list, so the target is converted after the extents have been copied.
   */
  if (options->changed_extents.len > 0 && options->convert != NULL) {
    options->in_place = true;
    if (strcmp (output->mode, "null") == 0)
      return error_set (err, REASON_USAGE,
                        _("--convert cannot be used with -o null, which "
                          "stores nothing"));
  }
  for (size_t i = 0; i < output->options.len; i++)
    if (check_output_option (output->mode, output->options.ptr[i], err) == -1)
      return -1;
  if (check_bus (options, &output->bus, err) == -1)
    return -1;
  if (strcmp (output->mode, "null") == 0 &&
      (options->verify || options->resume))
    return error_set (err, REASON_USAGE,
                      _("--verify and --resume cannot be used with -o null, "
                        "which stores nothing"));
  return 0;
}

/* Its SOURCEs are files and directories. */
static int
check_summary (struct options *options, struct error *err)
{
  if (options_refuse_with_summary (options, err) == -1)
    return -1;
  if (options->machine_readable && options->summary_format == SUMMARY_TABLE)
    options->summary_format = SUMMARY_JSON;
  if (options->sources.len > 0)
    return 0;
  error_set (err, REASON_USAGE, _("--summary needs files or directories"));
  error_hint (err, _("name the directory with the files that --result-file "
                     "and --status-file have written"));
  return -1;
}

static int
read_ssh_key (struct options *options, struct error *err)
{
  struct settings *settings = &options->settings;

  if (ssh_key_read_once (&settings->input_options, &options->ssh_key,
                         err) == -1)
    return -1;
  settings->ssh_key = options->ssh_key;
  return 0;
}

int
options_check (struct options *options, struct error *err)
{
  if (options->action == ACTION_SUMMARY)
    return check_summary (options, err);
  if (check_keys ("-io ", &options->settings.input_options, err) == -1 ||
      check_keys ("-oo ", &options->output.options, err) == -1 ||
      check_input (options, err) == -1 ||
      check_commands (options, err) == -1 ||
      check_skip_unused (options, err) == -1 ||
      check_copy_ahead (options, err) == -1 ||
      options_refuse_idle (options, err) == -1 ||
      overwrite_refuse_shared (options, err) == -1)
    return -1;
  return check_output (options, err) == -1 ? -1
    : read_ssh_key (options, err);
}

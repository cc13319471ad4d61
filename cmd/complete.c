/* SPDX-License-Identifier: GPL-2.0-or-later */

/* --complete: answers bash's, zsh's and fish's question how a command line can
 * go on, from the tables of options, inputs, sources and outputs.  The files
 * in completion/ only pass the words on and show the answers: these are lines,
 * each with a whole word and, behind a tab, what it means.  The line ":files"
 * or ":directories" stands for names that the shell knows itself; what follows
 * it after a blank is in front of them in the word.
 */

#include <config.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "complete.h"
#include "image/image.h"
#include "input/input.h"
#include "io/supervisor.h"
#include "nbdkit/caps.h"
#include "options-table.h"
#include "options.h"
#include "output/output.h"
#include "source/source.h"

/* The word, and what was read in those before it. */
struct completing {
  const char *word;
  size_t done;                  /* bytes of it that are complete: "zero=" */
  bool only_sources;            /* there was a "--" */
  const char *input, *output;   /* -i and -o, or NULL */
  const char *transport;        /* -it, or NULL */
  const char *nbdkit;           /* --nbdkit, or NULL */
  unsigned sources;
};

/* VALUE, of LEN bytes, may follow what is complete.  HELP may be NULL. */
static void
offer_part (const struct completing *typed, const char *value, size_t len,
            const char *end, const char *help)
{
  const char *begun = typed->word + typed->done;

  if (strlen (begun) > len || strncmp (value, begun, strlen (begun)) != 0)
    return;
  printf ("%.*s%.*s%s", (int) typed->done, typed->word, (int) len, value, end);
  if (help != NULL)
    printf ("\t%s", help);
  putchar ('\n');
}

static void
offer (const struct completing *typed, const char *value, const char *help)
{
  offer_part (typed, value, strlen (value), "", help);
}

static void
offer_key (const struct completing *typed, const char *key, const char *help)
{
  offer_part (typed, key, strlen (key), "=", _(help));
}

static void
offer_all (const struct completing *typed, const char *const *values)
{
  for (; *values != NULL; values++)
    offer (typed, *values, NULL);
}

static void
offer_names (const struct completing *typed, const char *kind)
{
  printf (":%s", kind);
  if (typed->done > 0)
    printf (" %.*s", (int) typed->done, typed->word);
  putchar ('\n');
}

/* nbdkit's plugins or filters that are installed.  Nobody waits for a message
 * here.
 */
static void
offer_modules (const struct completing *typed,
               int (*list) (const struct nbdkit_caps *, struct argv *names,
                            struct error *err))
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_ARGV struct argv names = { .ptr = NULL };
  const char *nbdkit = typed->nbdkit != NULL ? typed->nbdkit
    : getenv ("V2V_NBDKIT");
  struct supervisor *supervisor = supervisor_new (&ignored);
  struct nbdkit_caps *caps = supervisor == NULL ? NULL
    : nbdkit_caps_new (nbdkit != NULL && *nbdkit != '\0' ? nbdkit : "nbdkit",
                       supervisor, NULL, &ignored);

  if (caps != NULL && list (caps, &names, &ignored) == 0)
    for (size_t i = 0; i < names.len; i++)
      offer (typed, names.ptr[i], NULL);
  nbdkit_caps_free (caps);
  supervisor_free (supervisor);
}

/* What a table says of a value: "auto|on|off", "DIR"...; of "fd:N" only what
 * is before the part that is the user's.
 */
static void
offer_values (const struct completing *typed, const char *values)
{
  if (strcmp (values, "FILE") == 0 || strcmp (values, "PATH") == 0)
    offer_names (typed, "files");
  if (strcmp (values, "DIR") == 0)
    offer_names (typed, "directories");
  if (strcmp (values, "FILTER") == 0)
    offer_modules (typed, nbdkit_caps_list_filters);
  if (strchr (values, '|') == NULL)
    return;
  for (;;) {
    const size_t len = strcspn (values, "|");
    size_t fixed = len;

    while (fixed > 0 && values[fixed-1] >= 'A' && values[fixed-1] <= 'Z')
      fixed--;
    offer_part (typed, values, fixed, "", NULL);
    if (values[len] == '\0')
      return;
    values += len + 1;
  }
}

/*--- Values of options that other tables know. ---*/

static void
offer_inputs (const struct completing *typed)
{
  for (size_t i = 0; input_table[i] != NULL; i++)
    offer (typed, input_table[i]->name, NULL);
}

static void
offer_outputs (const struct completing *typed)
{
  offer_all (typed, output_modes);
}

static void
offer_formats (const struct completing *typed)
{
  offer_all (typed, image_format_names);
}

/* Those that virt-v2v's users have; the host is theirs to know. */
static void
offer_connections (const struct completing *typed)
{
  static const char *const uris[] = {
    "esx://", "qemu:///session", "qemu:///system", "vpx://", "xen+ssh://",
    NULL
  };

  offer_all (typed, uris);
}

/* And those of hosts where guests can be defined. */
static void
offer_target_connections (const struct completing *typed)
{
  static const char *const uris[] = {
    "qemu:///session", "qemu:///system", NULL
  };

  offer_all (typed, uris);
}

/* A key, or the values that may follow its '='. */
static void
offer_option (const struct completing *typed, const char *name,
              const char *help, const char *values)
{
  if (typed->done == 0)
    offer_key (typed, name, help);
  else if (values != NULL && strlen (name) + 1 == typed->done &&
           strncmp (name, typed->word, typed->done - 1) == 0)
    offer_values (typed, values);
}

static void
offer_source_options (const struct completing *typed,
                      const struct source_option *option)
{
  for (; option != NULL && option->name != NULL; option++)
    offer_option (typed, option->name, option->help, option->values);
}

/* Before -i and -it are given, those of any. */
static void
offer_input_options (const struct completing *typed)
{
  offer_source_options (typed, source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (options_may_have (source_table[i], typed->input, typed->transport))
      offer_source_options (typed, source_table[i]->options);
  for (size_t i = 0; input_table[i] != NULL; i++)
    for (const struct input_option *option = input_table[i]->options;
         option != NULL && option->name != NULL; option++)
      if (typed->input == NULL ||
          strcmp (typed->input, input_table[i]->name) == 0)
        offer_option (typed, option->name, option->help, option->values);
}

static bool
has_output_option (const char *mode, const char *name)
{
  const struct output_option *option = output_options (mode);

  while (option->name != NULL && strcmp (option->name, name) != 0)
    option++;
  return option->name != NULL;
}

/* Was it that of a mode before this one, when all of them are offered? */
static bool
is_repeated (const struct completing *typed, size_t mode, const char *name)
{
  for (size_t i = 0; typed->output == NULL && i < mode; i++)
    if (has_output_option (output_modes[i], name))
      return true;
  return false;
}

static void
offer_options_of (const struct completing *typed, size_t mode)
{
  for (const struct output_option *option =
         output_options (output_modes[mode]); option->name != NULL; option++)
    if (!is_repeated (typed, mode, option->name))
      offer_option (typed, option->name, option->help, option->values);
}

/* Before -o is given, those of any mode. */
static void
offer_output_options (const struct completing *typed)
{
  for (size_t i = 0; output_modes[i] != NULL; i++)
    if (typed->output == NULL || strcmp (typed->output, output_modes[i]) == 0)
      offer_options_of (typed, i);
}

/*--- Where in the command line is the word? ---*/

static const struct option_row *
find_option (const char *word)
{
  const size_t dashes = strspn (word, "-");
  const size_t len = strcspn (word + dashes, "=");

  for (size_t i = 0; dashes > 0 && i < option_rows_len; i++)
    if (!option_is_heading (&option_rows[i]) &&
        strlen (option_rows[i].name) == len &&
        strncmp (option_rows[i].name, word + dashes, len) == 0)
      return &option_rows[i];
  return NULL;
}

static void
note_value (struct completing *typed, const struct option_row *row,
            const char *value)
{
  if (strcmp (row->name, "i") == 0)
    typed->input = value;
  if (strcmp (row->name, "it") == 0)
    typed->transport = value;
  if (strcmp (row->name, "o") == 0)
    typed->output = value;
  if (strcmp (row->name, "oc") == 0 && typed->output == NULL)
    typed->output = "libvirt";
  if (strcmp (row->name, "nbdkit") == 0)
    typed->nbdkit = value;
}

/* The option whose value the last word is, if it is one's. */
static const struct option_row *
read_words (struct completing *typed, int n, char *const *words)
{
  for (int i = 0; i < n - 1; i++) {
    const struct option_row *row =
      typed->only_sources ? NULL : find_option (words[i]);

    if (!typed->only_sources && strcmp (words[i], "--") == 0) {
      typed->only_sources = true;
      continue;
    }
    if (row == NULL || row->arg == NULL || row->arg_is_optional ||
        strchr (words[i], '=') != NULL) {
      typed->sources += typed->only_sources || words[i][0] != '-';
      continue;
    }
    if (++i == n - 1)
      return row;
    note_value (typed, row, words[i]);
  }
  return NULL;
}

/* Up to the '=' in it, if there is one. */
static void
take_key (struct completing *typed)
{
  const char *equals = strchr (typed->word + typed->done, '=');

  if (equals != NULL)
    typed->done = (size_t) (equals + 1 - typed->word);
}

/* What a pool is called only libvirt knows. */
static bool
is_pool (const struct completing *typed, const struct option_row *row)
{
  return strcmp (row->name, "os") == 0 && typed->output != NULL &&
    strcmp (typed->output, "libvirt") == 0;
}

static void
complete_value (struct completing *typed, const struct option_row *row)
{
  static const struct {
    const char *option;
    void (*offer) (const struct completing *);
  } kinds[] = {
    { "i", offer_inputs }, { "ic", offer_connections },
    { "if", offer_formats }, { "io", offer_input_options },
    { "o", offer_outputs }, { "oc", offer_target_connections },
    { "oo", offer_output_options },
  };

  if (strcmp (row->arg, "KEY=VALUE") == 0)
    take_key (typed);
  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (strcmp (row->name, kinds[i].option) == 0) {
      kinds[i].offer (typed);
      return;
    }
  if (!is_pool (typed, row))
    offer_values (typed, row->arg);
}

static void
complete_option (const struct completing *typed)
{
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];
    char name[64];

    if (option_is_heading (row))
      continue;
    snprintf (name, sizeof name, "%s%s", option_dashes (row), row->name);
    offer (typed, name, _(row->help));
  }
}

static void
complete_source (struct completing *typed)
{
  const bool is_nbdkit = typed->input != NULL &&
    strcmp (typed->input, "nbdkit") == 0;

  if (is_nbdkit && typed->sources == 0 && strchr (typed->word, '/') == NULL) {
    offer_modules (typed, nbdkit_caps_list_plugins);
    return;
  }
  if (is_nbdkit)
    take_key (typed);
  offer_names (typed, "files");
}

void
complete (int n, char *const *words)
{
  struct completing typed = { .word = words[n-1] };
  const struct option_row *row = read_words (&typed, n, words);

  if (row != NULL)
    complete_value (&typed, row);
  else if (typed.only_sources || typed.word[0] != '-')
    complete_source (&typed);
  else if (strchr (typed.word, '=') != NULL) {
    row = find_option (typed.word);
    take_key (&typed);
    if (row != NULL && row->arg != NULL)
      complete_value (&typed, row);
  }
  else
    complete_option (&typed);
}

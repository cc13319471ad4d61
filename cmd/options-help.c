/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints what the program tells about itself: --help, the lists for the
 * completion, and the commands shown when it is called without arguments, from
 * options-table.c; -io ?, -oo ? and --machine-readable alone, from the tables
 * of inputs, sources and outputs.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "filesystem/filesystem.h"
#include "input/input.h"
#include "options-table.h"
#include "options.h"
#include "output/output.h"
#include "source/source.h"

/* Where the second column begins. */
#define COLUMN 26

static void
print_row (const struct option_row *row)
{
  int columns = printf ("  %s%s", option_dashes (row), row->name);

  if (row->arg != NULL) {
    printf (row->arg_is_optional ? "[=%s]" : " %s", option_arg (row));
    columns += (row->arg_is_optional ? 3 : 1) + utf8_width (option_arg (row));
  }
  if (columns > COLUMN)
    columns = printf ("\n") - 1;
  printf ("%*s  %s\n", COLUMN - columns, "", _(row->help));
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
  for (size_t i = 0; i < option_rows_len; i++)
    if (option_is_heading (&option_rows[i]))
      printf (_("\n%s:\n"), _(option_rows[i].name));
    else
      print_row (&option_rows[i]);
  fputs (_("\nThe manual page v2v-nbdkit-launch(1) has the details and "
           "examples.\n"), stdout);
}

void
options_print_first_steps (void)
{
  static const struct {
    const char *what, *command;
  } steps[] = {
    { N_("What is in a guest?"),
      "v2v-nbdkit-launch --print-source -i ova guest.ova" },
    { N_("Which nbdkit commands would read this disk?"),
      "v2v-nbdkit-launch --dry-run https://example.com/disk.img" },
    { N_("Copy a disk to a file:"),
      "v2v-nbdkit-launch https://example.com/disk.img -o disk -os /var/tmp "
      "-of qcow2" },
    { N_("Convert a guest to KVM on the way:"),
      "v2v-nbdkit-launch -i vmx guest.vmx -o disk -os /var/tmp \\\n"
      "      --convert 'virt-v2v-in-place -i libvirtxml \"$V2V_XML\"'" },
    { N_("Look into a disk without copying it:"),
      "v2v-nbdkit-launch ssh://root@example.com/disk.img --run 'nbdinfo "
      "\"$uri\"'" },
  };

  puts (_("v2v-nbdkit-launch reads a virtual machine's disks from where they "
          "are, without\nchanging them, and copies them to where KVM runs "
          "them."));
  for (size_t i = 0; i < ARRAY_LEN (steps); i++)
    printf ("\n%s\n  %s\n", _(steps[i].what), steps[i].command);
  puts (_("\nv2v-nbdkit-launch --help lists the options; the manual pages\n"
          "v2v-nbdkit-launch(1) and v2v-nbdkit-launch-input(1) explain "
          "them."));
}

void
options_print_names (bool short_ones)
{
  for (size_t i = 0; i < option_rows_len; i++) {
    const struct option_row *row = &option_rows[i];

    if (!option_is_heading (row) && option_is_short (row) == short_ones)
      printf ("%s%s\n", option_dashes (row), row->name);
  }
}

static void
print_input_options (const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    printf ("io:%s\n", table->name);
}

static void
print_inputs_own_options (void)
{
  for (size_t i = 0; input_table[i] != NULL; i++)
    for (const struct input_option *option = input_table[i]->options;
         option != NULL && option->name != NULL; option++)
      printf ("io:%s\n", option->name);
}

static void
print_output_options (void)
{
  for (size_t i = 0; output_modes[i] != NULL; i++)
    for (const struct output_option *option = output_options (output_modes[i]);
         option->name != NULL; option++)
      printf ("oo:%s:%s\n", output_modes[i], option->name);
}

/* Is there a source before this one that uses the same plugin? */
static bool
is_repeated (size_t index)
{
  for (size_t i = 0; i < index; i++)
    if (source_table[i]->plugin != NULL &&
        strcmp (source_table[i]->plugin, source_table[index]->plugin) == 0)
      return true;
  return false;
}

/* What --skip-unused leaves out; one of them needs a library. */
static void
print_filesystems (void)
{
  static const char *const kinds[] = {
    "ext2", "ext3", "ext4", "ntfs", "swap", "xfs"
  };

  for (size_t i = 0; i < ARRAY_LEN (kinds); i++)
    if (filesystem_is_read (kinds[i]))
      printf ("filesystem:%s\n", kinds[i]);
}

/* One a line, as virt-v2v prints its own. */
void
options_print_capabilities (void)
{
  puts (PACKAGE_NAME);
  for (size_t i = 0; input_table[i] != NULL; i++)
    printf ("input:%s\n", input_table[i]->name);
  for (size_t i = 0; output_modes[i] != NULL; i++)
    printf ("output:%s\n", output_modes[i]);
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (source_table[i]->plugin != NULL && !is_repeated (i))
      printf ("plugin:%s\n", source_table[i]->plugin);
  puts ("of:raw");
  puts ("of:qcow2");
  print_input_options (source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    print_input_options (source_table[i]->options);
  print_inputs_own_options ();
  print_output_options ();
  print_filesystems ();
  puts ("json-lines");
}

static void
print_option (const char *option, const char *name, const char *help)
{
  printf ("  %s %s=...\n        %s\n", option, name, _(help));
}

static void
print_source_options (const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    print_option ("-io", table->name, table->help);
}

bool
options_may_have (const struct source_ops *source, const char *input,
                  const char *transport)
{
  if (input != NULL && strcmp (input, "nbdkit") == 0)
    return false;
  return transport == NULL || (source->plugin != NULL &&
                               strcmp (transport, source->plugin) == 0);
}

/* Those of the chosen mode itself. */
static void
print_mode_options (const struct input_ops *input)
{
  if (input == NULL || input->options == NULL)
    return;
  printf ("-i %s:\n", input->name);
  for (const struct input_option *option = input->options;
       option->name != NULL; option++)
    print_option ("-io", option->name, option->help);
}

void
options_print_input_options (const struct options *options)
{
  print_mode_options (input_find (options->input_mode));
  puts (_("any source:"));
  print_source_options (source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (source_table[i]->options != NULL &&
        options_may_have (source_table[i], options->input_mode,
                          options->transport)) {
      printf ("%s:\n", source_table[i]->plugin);
      print_source_options (source_table[i]->options);
    }
}

void
options_print_output_options (const struct options *options)
{
  const char *wanted = options->output.mode;

  for (size_t i = 0; output_modes[i] != NULL; i++) {
    const struct output_option *option = output_options (output_modes[i]);

    if (option->name == NULL ||
        (wanted != NULL && strcmp (wanted, output_modes[i]) != 0))
      continue;
    printf ("-o %s:\n", output_modes[i]);
    for (; option->name != NULL; option++)
      print_option ("-oo", option->name, option->help);
  }
}

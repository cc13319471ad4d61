/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints what this program can do from the tables of inputs, sources and
 * outputs.  The options of the command line are options-help.c's business.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/i18n.h"
#include "capabilities.h"
#include "input/input.h"
#include "output/output.h"
#include "source/source.h"

static void
print_input_options (const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    printf ("io:%s\n", table->name);
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

/* One a line, as virt-v2v prints its own. */
void
capabilities_print (void)
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
  print_output_options ();
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

/* Which sources can the chosen mode have? */
static bool
is_possible (const struct source_ops *source, const struct options *options)
{
  if (strcmp (options->input_mode, "nbdkit") == 0)
    return false;
  return options->transport == NULL ||
    strcmp (options->transport, source->plugin) == 0;
}

void
capabilities_print_input_options (const struct options *options)
{
  puts (_("any source:"));
  print_source_options (source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (source_table[i]->options != NULL &&
        is_possible (source_table[i], options)) {
      printf ("%s:\n", source_table[i]->plugin);
      print_source_options (source_table[i]->options);
    }
}

void
capabilities_print_output_options (const struct options *options)
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

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include "capabilities.h"
#include "i18n.h"
#include "input.h"
#include "output.h"
#include "source.h"

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
    if (source_table[i]->plugin != NULL)
      printf ("plugin:%s\n", source_table[i]->plugin);
  puts ("of:raw");
  puts ("of:qcow2");
  puts ("json-lines");
}

static void
print_table (const struct source_option *table)
{
  for (; table != NULL && table->name != NULL; table++)
    printf ("  -io %s=...\n        %s\n", table->name, _(table->help));
}

void
capabilities_print_input_options (const struct options *options
                                  __attribute__ ((unused)))
{
  puts (_("any source:"));
  print_table (source_common_options);
  for (size_t i = 0; source_table[i] != NULL; i++)
    if (source_table[i]->options != NULL) {
      printf ("%s:\n", source_table[i]->plugin);
      print_table (source_table[i]->options);
    }
}

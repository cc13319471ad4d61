/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Prints --help, the lists for the completion, and what is shown when the
 * program is called without arguments.  All of it comes from options-table.c.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/i18n.h"
#include "options-table.h"
#include "options.h"

/* Where the second column begins. */
#define COLUMN 26

static void
print_row (const struct option_row *row)
{
  int len = printf ("  %s%s", option_dashes (row), row->name);

  if (row->arg != NULL)
    len += printf (row->arg_is_optional ? "[=%s]" : " %s", option_arg (row));
  if (len > COLUMN)
    len = printf ("\n") - 1;
  printf ("%*s  %s\n", COLUMN - len, "", _(row->help));
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
      printf ("\n%s:\n", _(option_rows[i].name));
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

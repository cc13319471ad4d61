/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What can be told of an option from its row of options-table.c. */

#include <config.h>

#include <string.h>

#include "base/i18n.h"
#include "option-row.h"

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

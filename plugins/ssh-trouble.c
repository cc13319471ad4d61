/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The text of a trouble: one line, whatever a server has sent. */

#include <config.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "ssh-trouble.h"

/* Nothing that a terminal obeys; UTF-8 stays. */
static void
make_one_line (char *text)
{
  for (; *text != '\0'; text++)
    if (iscntrl ((unsigned char) *text))
      *text = ' ';
}

void
trouble_set (struct trouble *trouble, enum trouble_kind kind,
             const char *fmt, ...)
{
  va_list args;

  trouble->kind = kind;
  va_start (args, fmt);
  vsnprintf (trouble->text, sizeof trouble->text, fmt, args);
  va_end (args);
  make_one_line (trouble->text);
}

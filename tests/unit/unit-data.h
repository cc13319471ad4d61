/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Test data of unit tests. */

#ifndef UNIT_DATA_H
#define UNIT_DATA_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* The whole of data/NAME, ended by a NUL byte.  The caller frees it. */
static inline char *
data_read (const char *name, size_t *len)
{
  const char *srcdir = getenv ("srcdir");
  char *path, *text = NULL;
  FILE *in, *out;
  int c;

  assert (asprintf (&path, "%s/data/%s", srcdir != NULL ? srcdir : ".",
                    name) != -1);
  in = fopen (path, "r");
  if (in == NULL) {
    perror (path);
    exit (EXIT_FAILURE);
  }
  free (path);
  out = open_memstream (&text, len);
  assert (out != NULL);
  while ((c = getc (in)) != EOF)
    putc (c, out);
  fclose (in);
  assert (fclose (out) == 0);
  return text;
}

#endif /* UNIT_DATA_H */

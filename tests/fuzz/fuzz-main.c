/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs a fuzzer's function on the files named: how make check goes through
 * the seeds with any compiler.
 */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

extern int LLVMFuzzerTestOneInput (const unsigned char *data, size_t len);

static int
run (const char *path)
{
  FILE *in = fopen (path, "r"), *out;
  char *data = NULL;
  size_t len;
  int c;

  if (in == NULL) {
    perror (path);
    return -1;
  }
  out = open_memstream (&data, &len);
  if (out == NULL)
    abort ();
  while ((c = getc (in)) != EOF)
    putc (c, out);
  fclose (in);
  if (fclose (out) == EOF)
    abort ();
  LLVMFuzzerTestOneInput ((unsigned char *) data, len);
  free (data);
  return 0;
}

int
main (int argc, char *argv[])
{
  for (int i = 1; i < argc; i++)
    if (run (argv[i]) == -1)
      return EXIT_FAILURE;
  return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_MEMSTREAM_H
#define V2V_MEMSTREAM_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Close FP, which open_memstream has made for *TEXT.  -1: there was no memory
 * for all of it; *TEXT is NULL then.  What fclose returns does not tell:
 * glibc's succeeds with a text that is cut off, or none.
 */
static inline int
memstream_close (FILE *fp, char **text)
{
  const bool cut = ferror (fp) != 0;

  if (fclose (fp) != EOF && !cut && *text != NULL)
    return 0;
  free (*text);
  *text = NULL;
  return -1;
}

#endif /* V2V_MEMSTREAM_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a scope owns and gives back when it is left.  A cleanup
 * variable is initialised where it is declared; success takes the value
 * away from the cleanup with STEAL.
 */

#ifndef V2V_CLEANUP_H
#define V2V_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Each cleanup keeps errno: it runs between a failed call and the code
 * that reports it.
 */
#define V2V_DEFINE_CLEANUP(name, type, call)            \
  static inline void                                    \
  name (type *ptr)                                      \
  {                                                     \
    int saved_errno = errno;                            \
    call (*ptr);                                        \
    errno = saved_errno;                                \
  }                                                     \
  struct name##_needs_semicolon

static inline void
close_if_open (int fd)
{
  if (fd >= 0)
    close (fd);
}

static inline void
fclose_if_open (FILE *fp)
{
  if (fp != NULL)
    fclose (fp);
}

/* Close *FD if it is open and say so in the variable. */
static inline void
close_fd (int *fd)
{
  int saved_errno = errno;

  close_if_open (*fd);
  *fd = -1;
  errno = saved_errno;
}

V2V_DEFINE_CLEANUP (cleanup_free, char *, free);
V2V_DEFINE_CLEANUP (cleanup_fd, int, close_if_open);
V2V_DEFINE_CLEANUP (cleanup_fclose, FILE *, fclose_if_open);

#define CLEANUP_FREE __attribute__ ((cleanup (cleanup_free)))
#define CLEANUP_FD __attribute__ ((cleanup (cleanup_fd)))
#define CLEANUP_FCLOSE __attribute__ ((cleanup (cleanup_fclose)))

/* The value of a cleanup pointer, which then no longer frees it. */
#define STEAL(ptr)                              \
  (__extension__ ({                             \
    __typeof__ (ptr) *steal_from_ = &(ptr);     \
    __typeof__ (ptr) stolen_ = *steal_from_;    \
    *steal_from_ = NULL;                        \
    stolen_;                                    \
  }))

#define STEAL_FD(fd)                            \
  (__extension__ ({                             \
    int *steal_from_ = &(fd);                   \
    int stolen_ = *steal_from_;                 \
    *steal_from_ = -1;                          \
    stolen_;                                    \
  }))

#define ARRAY_LEN(array) (sizeof (array) / sizeof ((array)[0]))

#endif /* V2V_CLEANUP_H */

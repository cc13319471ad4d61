/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Keeps descriptors from our children.  Those that this program opens are
 * close-on-exec; its caller may have left others open: a file with a password,
 * a lock, the ends of pipes whose readers wait for their end.
 */

#include <config.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/descriptors.h"

/* In linux/close_range.h, which Debian 11 does not have; since Linux 5.11. */
#define AT_EXEC (1U << 2)

/* Where the kernel cannot close a range they are closed one by one, up to
 * this.
 */
#define MAX_DESCRIPTORS 65536

void
close_descriptors (int first, bool at_exec)
{
  struct rlimit open_files = { .rlim_cur = 1024 };

#ifdef SYS_close_range
  if (syscall (SYS_close_range, (unsigned) first, ~0U,
               at_exec ? AT_EXEC : 0) == 0)
    return;
#endif
  getrlimit (RLIMIT_NOFILE, &open_files);
  if (open_files.rlim_cur > MAX_DESCRIPTORS)
    open_files.rlim_cur = MAX_DESCRIPTORS;
  for (int fd = first; fd < (int) open_files.rlim_cur; fd++)
    if (at_exec)
      fcntl (fd, F_SETFD, FD_CLOEXEC);
    else
      close (fd);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Preloaded into the command: Landlock's system calls fail, with the number in
 * V2V_TEST_LANDLOCK_ERRNO, as on a kernel that has none or in a container that
 * forbids them.
 */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define CREATE_RULESET 444
#define RESTRICT_SELF 446

static void __attribute__ ((constructor))
forbid (void)
{
  const char *wanted = getenv ("V2V_TEST_LANDLOCK_ERRNO");
  const unsigned errnum = wanted != NULL ? (unsigned) atoi (wanted) : 0;
  struct sock_filter filter[] = {
    BPF_STMT (BPF_LD|BPF_W|BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP|BPF_JGE|BPF_K, CREATE_RULESET, 0, 2),
    BPF_JUMP (BPF_JMP|BPF_JGT|BPF_K, RESTRICT_SELF, 1, 0),
    BPF_STMT (BPF_RET|BPF_K, SECCOMP_RET_ERRNO|errnum),
    BPF_STMT (BPF_RET|BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {
    .len = sizeof filter / sizeof filter[0], .filter = filter,
  };

  if (errnum == 0 || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
      prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1)
    abort ();
}

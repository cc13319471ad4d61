/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Confining a child to the files that it is to have, by Landlock's system
 * calls; there is no library for them.  confine-programs.c lists what all
 * programs need; what else one needs is up to those who know it
 * (nbdkit/confined.c, qemu/confined.c, the sources).
 *
 * Two kinds of access stay allowed.  Descriptors that the child was given are
 * not looked at.  Connecting to a Unix socket by its path is not restricted
 * by the ABIs up to 8.
 */

#include <config.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "io/confine.h"

/* The same on all architectures that nbdkit is built for; linux/landlock.h
 * may be older than the kernel, or not there (Debian 11).
 */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_RULESET_VERSION (1U << 0)
#define RULE_PATH_BENEATH 1

#define FS_EXECUTE      (UINT64_C (1) << 0)
#define FS_WRITE_FILE   (UINT64_C (1) << 1)
#define FS_READ_FILE    (UINT64_C (1) << 2)
#define FS_READ_DIR     (UINT64_C (1) << 3)
#define FS_REMOVE_DIR   (UINT64_C (1) << 4)
#define FS_REMOVE_FILE  (UINT64_C (1) << 5)
#define FS_MAKE_DIR     (UINT64_C (1) << 7)
#define FS_MAKE_REG     (UINT64_C (1) << 8)
#define FS_MAKE_SOCK    (UINT64_C (1) << 9)
#define FS_MAKE_FIFO    (UINT64_C (1) << 10)
#define FS_MAKE_SYM     (UINT64_C (1) << 12)
#define FS_OF_ABI_1     ((UINT64_C (1) << 13) - 1)
/* From ABI 2 on.  Before, a file is never renamed to another directory. */
#define FS_REFER        (UINT64_C (1) << 13)
/* From ABI 3 on. */
#define FS_TRUNCATE     (UINT64_C (1) << 14)
/* From ABI 4 on. */
#define NET_BIND_TCP    (UINT64_C (1) << 0)
#define NET_CONNECT_TCP (UINT64_C (1) << 1)
/* From ABI 6 on. */
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C (1) << 0)
#define SCOPE_SIGNAL    (UINT64_C (1) << 1)

/* What a rule for something else than a directory may speak of. */
#define FS_OF_A_FILE \
  (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE)

/* The kernel takes a longer structure than it knows as long as the members
 * that it does not know are 0.
 */
struct ruleset_attr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;  /* from ABI 4 on */
  uint64_t scoped;              /* from ABI 6 on */
};

struct path_beneath_attr {
  uint64_t allowed_access;
  int32_t parent_fd;
} __attribute__ ((packed));

static int
add (struct confine *confine, struct confine_rule rule, struct error *err)
{
  struct confine_rule *rules = realloc (confine->rules, (confine->len + 1)
                                                        * sizeof *rules);

  if (rules == NULL)
    return error_nomem (err);
  confine->rules = rules;
  rules[confine->len++] = rule;
  return 0;
}

int
confine_path (struct confine *confine, const char *path, unsigned allow,
              struct error *err)
{
  CLEANUP_FREE char *copy = alloc_copy (path, err);
  const struct confine_rule rule = { .path = copy, .fd = -1, .allow = allow };

  if (copy == NULL || add (confine, rule, err) == -1)
    return -1;
  copy = NULL;                  /* the rule has it */
  return 0;
}

int
confine_fd (struct confine *confine, int fd, unsigned allow,
            struct error *err)
{
  return add (confine, (struct confine_rule) { .fd = fd, .allow = allow },
              err);
}

int
confine_add_all (struct confine *confine, const struct confine *from,
                 struct error *err)
{
  for (size_t i = 0; i < from->len; i++) {
    const struct confine_rule *rule = &from->rules[i];

    if ((rule->path != NULL
         ? confine_path (confine, rule->path, rule->allow, err)
         : confine_fd (confine, rule->fd, rule->allow, err)) == -1)
      return -1;
  }
  if (from->network)
    confine->network = true;
  return 0;
}

void
confine_reset (struct confine *confine)
{
  for (size_t i = 0; i < confine->len; i++)
    free (confine->rules[i].path);
  free (confine->rules);
  *confine = (struct confine) { .rules = NULL };
}

int
confine_abi (void)
{
  return (int) syscall (SYS_landlock_create_ruleset, NULL, (size_t) 0,
                        CREATE_RULESET_VERSION);
}

static uint64_t
handled_by (int abi)
{
  return FS_OF_ABI_1 | (abi >= 2 ? FS_REFER : 0) |
    (abi >= 3 ? FS_TRUNCATE : 0);
}

static uint64_t
access_of (unsigned allow)
{
  const uint64_t reading = FS_READ_FILE | FS_READ_DIR;
  const uint64_t writing = reading | FS_WRITE_FILE | FS_TRUNCATE;
  const uint64_t making = FS_MAKE_REG | FS_MAKE_SOCK | FS_REMOVE_FILE;
  uint64_t access = 0;

  if ((allow & CONFINE_READ) != 0)
    access |= reading;
  if ((allow & CONFINE_RUN) != 0)
    access |= reading | FS_EXECUTE;
  if ((allow & CONFINE_WRITE) != 0)
    access |= writing;
  if ((allow & CONFINE_MAKE) != 0)
    access |= writing | making | FS_MAKE_DIR | FS_REMOVE_DIR |
      FS_MAKE_FIFO | FS_MAKE_SYM;
  if ((allow & CONFINE_ADD) != 0)
    access |= FS_WRITE_FILE | FS_TRUNCATE | making;
  if ((allow & CONFINE_KNOWN) != 0)
    access |= FS_READ_FILE;
  if ((allow & CONFINE_FILE) != 0)
    access |= FS_READ_FILE;
  if ((allow & CONFINE_LIST) != 0)
    access |= FS_READ_DIR;
  if ((allow & CONFINE_TEMPORARY) != 0)
    access |= FS_READ_FILE | FS_WRITE_FILE | FS_TRUNCATE | making;
  return access;
}

static int
add_rule (int ruleset, int fd, unsigned allow)
{
  struct path_beneath_attr attr = {
    .allowed_access = access_of (allow) & handled_by (confine_abi ()),
    .parent_fd = fd,
  };
  struct stat st;

  if (fstat (fd, &st) == -1)
    return -1;
  if (!S_ISDIR (st.st_mode))
    attr.allowed_access &= FS_OF_A_FILE;
  else if (allow == CONFINE_FILE)
    return 0;
  if (attr.allowed_access == 0) /* of which the kernel thinks as a mistake */
    return 0;
  if (syscall (SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr,
               0) == 0)
    return 0;
  /* Pipes, sockets and the like have no place in the tree of files. */
  return errno == EBADFD ? 0 : -1;
}

/* What cannot be looked up now must not be found later either. */
static int
add_rule_of (int ruleset, const struct confine_rule *rule, struct error *err)
{
  CLEANUP_FD int opened = -1;

  if (rule->path != NULL) {
    opened = open (rule->path, O_PATH|O_CLOEXEC);
    if (opened == -1)
      return 0;
  }
  if (add_rule (ruleset, opened != -1 ? opened : rule->fd, rule->allow) == 0)
    return 0;
  return error_errno (err, REASON_INTERNAL, _("cannot confine a program: %s"),
                      rule->path != NULL ? rule->path : "landlock_add_rule");
}

static int
add_rules (int ruleset, const struct confine *confine, struct error *err)
{
  for (size_t i = 0; i < confine->len; i++)
    if (add_rule_of (ruleset, &confine->rules[i], err) == -1)
      return -1;
  return 0;
}

/* The program itself, and what goes with it. */
static int
add_program (int ruleset, const char *program, struct error *err)
{
  CLEANUP_CONFINE struct confine own = { .rules = NULL };

  if (confine_path (&own, program, CONFINE_RUN, err) == -1 ||
      confine_libraries_of (&own, program, err) == -1)
    return -1;
  return add_rules (ruleset, &own, err);
}

/* *RET is -1 where this kernel has no Landlock. */
static int
create_ruleset (bool no_network, int *ret, struct error *err)
{
  const int abi = confine_abi ();
  const struct ruleset_attr attr = {
    .handled_access_fs = handled_by (abi),
    .handled_access_net = no_network && abi >= 4
      ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
    .scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
  };

  *ret = -1;
  if (abi < 1)
    return 0;
  /* It is close-on-exec. */
  *ret = (int) syscall (SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  return *ret != -1 ? 0
    : error_errno (err, REASON_INTERNAL, _("cannot confine a program: %s"),
                   "landlock_create_ruleset");
}

int
confine_prepare (const struct confine *confine, const char *program, int *ret,
                 struct error *err)
{
  CLEANUP_FD int ruleset = -1;

  *ret = -1;
  if (create_ruleset (confine->no_network && !confine->network, &ruleset,
                      err) == -1)
    return -1;
  if (ruleset == -1)
    return 0;
  if (add_program (ruleset, program, err) == -1 ||
      add_rules (ruleset, confine, err) == -1)
    return -1;
  *ret = STEAL_FD (ruleset);
  return 0;
}

/* Only the child itself can find it: before the fork it is our own. */
static int
allow_own_process (int ruleset)
{
  const int fd = open ("/proc/self", O_PATH|O_CLOEXEC);
  const int r = fd == -1 ? 0 : add_rule (ruleset, fd, CONFINE_WRITE);

  close_if_open (fd);
  return r;
}

int
confine_enter (int ruleset)
{
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
    return -1;
  if (ruleset == -1)
    return 0;
  if (allow_own_process (ruleset) == -1)
    return -1;
  /* There are at most 16 sets of rules (in Linux 6.18, too), and all are our
   * callers'.
   */
  return syscall (SYS_landlock_restrict_self, ruleset, 0) == 0 ||
    errno == E2BIG ? 0 : -1;
}

int
confine_ourselves (struct error *err)
{
  CLEANUP_FD int ruleset = -1;

  if (create_ruleset (true, &ruleset, err) == -1)
    return -1;
  return confine_enter (ruleset) == 0 ? 0
    : error_errno (err, REASON_INTERNAL, _("cannot confine a program: %s"),
                   "landlock_restrict_self");
}

/* Rules are a thread's: this one ends with them. */
static void *
try_to_enter (void *arg)
{
  const struct ruleset_attr attr = { .handled_access_fs = FS_EXECUTE };
  CLEANUP_FD int ruleset = -1;
  int *ret = arg;

  ruleset = (int) syscall (SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
  if (ruleset != -1 && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      syscall (SYS_landlock_restrict_self, ruleset, 0) == -1)
    *ret = errno;
  return NULL;
}

/* Are there no more rules to be had? */
static bool
is_full (void)
{
  pthread_t thread;
  int entered_errno = 0;

  return pthread_create (&thread, NULL, try_to_enter, &entered_errno) == 0 &&
    pthread_join (thread, NULL) == 0 && entered_errno == E2BIG;
}

char *
confine_describe (bool off, struct error *err)
{
  const int abi = confine_abi ();

  if (off)
    return alloc_copy ("nbdkit and qemu are not confined: --confine off",
                       err);
  if (abi > 0 && is_full ())
    return alloc_copy ("nbdkit and qemu are not confined: this program runs "
                       "below as many Landlock rulesets as there can be",
                       err);
  if (abi > 0)
    return format (err, "nbdkit and qemu are confined by Landlock, ABI %d",
                   abi);
  return format (err, "nbdkit and qemu are not confined: %s (%s)",
                 errno == ENOSYS ? "this kernel has no Landlock"
                 : errno == EOPNOTSUPP
                 ? "Landlock is switched off on this host"
                 : "something forbids Landlock, a container's seccomp filter "
                 "for example", strerror (errno));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a child may open: everything else is refused to it by the kernel
 * (Landlock, which needs no privilege), whatever a server, an image or a file
 * makes it read.  What it has open when it is started it may go on using.
 */

#ifndef V2V_CONFINE_H
#define V2V_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct argv;
struct error;

/* What a rule allows, for a file or for all that is in a directory. */
enum {
  CONFINE_READ = 1,             /* read, and list directories */
  CONFINE_RUN = 2,              /* read and execute */
  CONFINE_WRITE = 4,            /* read, write and truncate what is there */
  CONFINE_MAKE = 8,             /* write, make and remove everything but
                                   devices */
  CONFINE_ADD = 16,             /* make, write and remove files and sockets,
                                   and read none of them */
  CONFINE_TEMPORARY = 32,       /* make, write and read files, but not find
                                   out which there are */
  CONFINE_KNOWN = 64,           /* read files, but not find out which there
                                   are */
  CONFINE_FILE = 128,           /* read it; a directory's files are not
                                   meant */
  CONFINE_LIST = 256,           /* find out which files there are, and read
                                   none of them */
};

struct confine_rule {
  char *path;                   /* NULL: it is FD's */
  int fd;                       /* borrowed */
  unsigned allow;               /* CONFINE_* */
};

/* Nothing but what the rules allow. */
struct confine {
  struct confine_rule *rules;
  size_t len;
  bool no_network;              /* no TCP either (since Linux 6.7) */
  bool network;                 /* TCP all the same */
};

/* Allow ALLOW (CONFINE_*) for the file that PATH names, through links, when
 * the child is started; where there is none the rule has no effect.  The
 * child's working directory does not matter: a relative PATH is ours.
 * -1: no memory.
 */
extern int confine_path (struct confine *, const char *path, unsigned allow,
                         struct error *err);
/* Likewise for the very file or directory that FD is, and not for what has
 * its name when it is opened.  FD must be open when the child is started.  A
 * pipe or a socket needs no rule, and gets none.
 */
extern int confine_fd (struct confine *, int fd, unsigned allow,
                       struct error *err);
/* Allow what all rules of FROM do, and the network if it does; it may be reset
 * before the child is started.
 */
extern int confine_add_all (struct confine *, const struct confine *from,
                            struct error *err);
extern void confine_reset (struct confine *);
#define CLEANUP_CONFINE __attribute__ ((cleanup (confine_reset)))

/* Allow what programs of all kinds need: the installed programs and libraries,
 * those that the environment names (ENV, of KEY=VALUE, may be NULL: ours
 * counts too), and what TLS, name service and locales read.  Of /etc it is a
 * list of names, of users' home directories nothing.
 */
extern int confine_programs (struct confine *, const struct argv *env,
                             struct error *err);
/* Allow the libraries that PROGRAM, a path, may find from where it is, such as
 * those of /opt/x/lib for /opt/x/bin/PROGRAM (an RPATH of "$ORIGIN/../lib").
 */
extern int confine_libraries_of (struct confine *, const char *program,
                                 struct error *err);
/* May the directory be one for programs only?  Not where users keep all sorts
 * of things: their home directories, temporary directories, and whatever is
 * right below the root.
 */
extern bool confine_is_narrow (const char *dir);
/* For people: what is in force, or why nothing is.  OFF: the user wants it
 * so.  The caller frees it.
 */
extern char *confine_describe (bool off, struct error *err);

/* The version of Landlock's ABI that is in force here, from 1 on.
 * -1: there is none, and errno says why:
 *   ENOSYS      the kernel has been built without it (or is before 5.13)
 *   EOPNOTSUPP  it has been switched off when the kernel was started
 *   EPERM...    a seccomp filter, a container's for example, forbids it
 */
extern int confine_abi (void);

/* The rules as a descriptor for confine_enter; PROGRAM, a path, may be run.
 *  -1  an error that it is safer to stop for
 *   0  *RET is the descriptor, which the caller closes, or -1 where this
 *      kernel has no Landlock
 */
extern int confine_prepare (const struct confine *, const char *program,
                            int *ret, struct error *err);
/* Between fork and exec: from now on the rules hold for this process and all
 * that it starts, and nothing that it executes gains privileges.  What /proc
 * has of this process (but not of those that it starts) is allowed to it.
 * RULESET may be -1; and where the kernel has no room for another one beside
 * those that confine our caller, the process goes on without.  -1 and errno:
 * the process must not go on.
 */
extern int confine_enter (int ruleset);
/* From now on this process opens no file, and has no TCP connections but those
 * that it has.  Where this kernel has no Landlock it goes on without.  -1: it
 * is safer to stop.
 */
extern int confine_ourselves (struct error *err);

#endif /* V2V_CONFINE_H */

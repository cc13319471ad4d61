/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the guard process was told of: names in directories that it has open,
 * and what identifies the files that had these names then.
 */

#ifndef V2V_GUARD_FILES_H
#define V2V_GUARD_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/vector.h"

/* "8:1:1234:1764320000.123456789", or "". */
#define FILE_ID_MAX 96

enum guarded_how {
  GUARDED_FILE,                 /* that very file; of a directory all */
  GUARDED_EMPTY,                /* that very directory, if it is empty */
  GUARDED_NAME,                 /* whatever has the name, as long as another
                                   file is the one that it was */
};

struct guarded_file {
  int dir_fd;                   /* belongs to the list of directories */
  enum guarded_how how;
  bool spared;                  /* if `unless' exists */
  char id[FILE_ID_MAX];         /* of the file, or of the other one */
  char *name;
  char *lock;                   /* the other one, or NULL */
};

struct guarded_dir {
  int fd;
  dev_t dev;
  ino_t ino;
};

DEFINE_VECTOR (struct guarded_dirs, guarded_dirs, struct guarded_dir);
DEFINE_VECTOR (struct guarded_list, guarded_list, struct guarded_file);

struct guarded {
  struct guarded_dirs dirs;
  struct guarded_list files;    /* in the order in which they came */
  int unless_fd;                /* -1: there is none */
  char *unless;
};

/* What tells the file NAME in DIR_FD from one that has its name later.
 * Without a birth time (NFS) an inode number that is used again is not
 * noticed.
 */
extern void guarded_identify (int dir_fd, const char *name,
                              char ret[FILE_ID_MAX]);

/* Take the descriptor of a directory: the one to be used from now on is
 * returned, -1 if there is none.
 */
extern int guarded_take_dir (struct guarded *, int fd);
/* Take the strings of FILE; a file that has its name is forgotten. */
extern void guarded_add (struct guarded *, struct guarded_file *file);
extern void guarded_forget (struct guarded *, int dir_fd, const char *name);
/* Remove all, the last one first: locks, which were announced before what they
 * protect, are released when that is gone.
 */
extern void guarded_remove_all (const struct guarded *);
extern void guarded_reset (struct guarded *);

#endif /* V2V_GUARD_FILES_H */

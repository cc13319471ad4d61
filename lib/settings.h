/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How a run is done: plain data that the command fills in once and passes
 * down as const.
 */

#ifndef V2V_SETTINGS_H
#define V2V_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/argv.h"

struct secret;

enum choice { CHOICE_AUTO, CHOICE_ON, CHOICE_OFF };
enum confinement { CONFINEMENT_AUTO, CONFINEMENT_OFF };

struct settings {
  const char *nbdkit;           /* the program: a name or a path */
  enum choice readahead;
  enum choice selinux;
  enum confinement confinement; /* of nbdkit and qemu */
  unsigned retries;             /* of nbdkit's retry filter, and the copy's */
  unsigned connections;         /* 0: found while copying */
  uint32_t request_size;        /* bytes; 0: found while copying */
  const char *bandwidth;        /* for nbdkit's rate filter, or NULL */
  const char *bandwidth_file;   /* or NULL */
  unsigned startup_timeout_s;
  unsigned stall_timeout_s;
  unsigned parallel;            /* disks copied at once */
  bool verbose;                 /* nbdkit says what it does */
  const char *overlay_dir;      /* where overlays live */
  bool keep_overlay;
  const char *state_dir;        /* --state-dir, or NULL: the default */
  unsigned source_limit;        /* disks of a source host open at once, over
                                   all runs; 0: no limit */
  const char *limit_dir;        /* where they are counted; NULL: in the state
                                   directory */
  const char *limit_key;        /* whose they are; NULL: the disk's host */
  unsigned wait_timeout_s;      /* how long to wait for them; 0: for ever */
  struct argv input_options;    /* -io KEY=VALUE */
  const struct secret *ssh_key; /* of -io ssh-identity, if it can be read only
                                   once; else NULL */
};

/* The reading side's defaults. */
#define DEFAULT_RETRIES 5
#define DEFAULT_STARTUP_TIMEOUT_S 30

#endif /* V2V_SETTINGS_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_WRITE_BACK_JSON_H
#define V2V_WRITE_BACK_JSON_H

#include <stdbool.h>

#include "base/json.h"

struct error;
struct write_back;

/* A record that a run has left. */
struct record {
  char *path;
  struct write_back *wb;        /* of that run; without locks */
  bool is_known;                /* no: another release wrote it, and only the
                                   disks' names and identities are known */
  bool decides;                 /* it makes the others of its run valid */
  char *directory;              /* identity of the directory that the record
                                   that decides is in */
};

/* Read the record at PATH.  0: there is none.  -1: there is something that
 * this user or this release cannot have written.  In any case *RET, which was
 * empty, is to be reset.
 */
extern int record_load (const char *path, struct record *ret,
                        struct error *err);
extern void record_reset (struct record *);
#define CLEANUP_RECORD __attribute__ ((cleanup (record_reset)))

/* The content of a record; NULL: no memory. */
extern json_object *write_back_to_json (const struct write_back *,
                                        bool decides, const char *directory);

#endif /* V2V_WRITE_BACK_JSON_H */

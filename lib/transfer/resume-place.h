/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the journal and the lock of a copy are.
 *
 * The journal is `NAME.journal' in the output directory for -o disk.  For
 * targets that are not files of ours (-o device, -o nbd) it has a name made
 * of a digest of the targets' names, in $XDG_STATE_HOME/v2v-nbdkit-launch,
 * or without that in /var/lib/v2v-nbdkit-launch (root) or
 * ~/.local/state/v2v-nbdkit-launch.  The locks are there for all targets.
 */

#ifndef V2V_RESUME_PLACE_H
#define V2V_RESUME_PLACE_H

struct error;
struct events;
struct output;

struct resume_place {
  char *journal;                /* path, or NULL: there is no place for it */
  char *lock;                   /* likewise */
};

/* For the targets of OUTPUT; makes the directory.  The caller frees both
 * paths, after an error too.
 */
extern int resume_place_find (struct resume_place *, const struct output *,
                              const struct events *, struct error *err);

#endif /* V2V_RESUME_PLACE_H */

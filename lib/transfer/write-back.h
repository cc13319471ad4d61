/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Bringing what overlays hold back to the disks under them, all disks or
 * none, whenever this process or the whole host may die:
 *
 *   1. The overlays are complete and on stable storage.
 *   2. A record that names them all appears, in one atomic step.
 *   3. Their extents are written to the disks, which can be done any number
 *      of times.
 *   4. The disks are on stable storage; the record goes, then the overlays.
 *
 * Without a record the disks are untouched or finished.  With one, whoever
 * comes next begins at step 3.  It lies beside a disk that is a file, as
 * FILE.v2v-in-place, and for devices and NBD exports in the overlays'
 * directory.
 */

#ifndef V2V_WRITE_BACK_H
#define V2V_WRITE_BACK_H

#include <stdbool.h>
#include <stdint.h>

struct copy_result;
struct error;
struct launch_context;
struct location;
struct overlays;
struct write_back;

/* COMMAND is what changes the overlays. */
extern struct write_back *write_back_new (const char *command,
                                          const struct launch_context *,
                                          struct error *err);
/* Leaves records and overlays as they are.  NULL is fine. */
extern void write_back_free (struct write_back *);

/* The next disk: a local file or device, or an NBD export, that can be
 * written.  No other run may have it until write_back_free.
 */
extern int write_back_add (struct write_back *, const struct location *,
                           const char *format, struct error *err);

/* Is there a record of these disks?  Then write_back_apply goes on where it
 * was left.  *SAME_COMMAND: that run had the same command.  What runs left
 * that died before step 2 is removed.
 */
extern int write_back_find (struct write_back *, bool *found,
                            bool *same_command, struct error *err);

/* Refuse a disk that a run has begun to write back to and not finished; for
 * those who mean to read or write it in any other way.
 */
extern int write_back_refuse (const struct location *,
                              const struct launch_context *,
                              struct error *err);

/* Steps 1 and 2.  Nothing serves the overlays, whose files stay from now on
 * where they are.
 */
extern int write_back_commit (struct write_back *, struct overlays *,
                              struct error *err);
/* Steps 3 and 4.  RESULTS has an entry for each disk. */
extern int write_back_apply (struct write_back *,
                             struct copy_result *results, struct error *err);

/* Of disk INDEX, for people: a path or a URI; "raw" or "qcow2". */
extern const char *write_back_target (const struct write_back *,
                                      unsigned index);
extern const char *write_back_format (const struct write_back *,
                                      unsigned index);
extern uint64_t write_back_size (const struct write_back *, unsigned index);

#endif /* V2V_WRITE_BACK_H */

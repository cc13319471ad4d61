/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Where the copies go.  An output makes a target for each disk, and either
 * commits all of them or leaves nothing behind.
 */

#ifndef V2V_OUTPUT_H
#define V2V_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "output/output-settings.h"

struct error;
struct guest;
struct launch_context;
struct location;
struct output;

/* Check the settings, whose mode and options are among those below, against
 * the number of disks, without touching any target.
 */
extern struct output *output_new (const struct output_settings *,
                                  const struct guest *,
                                  const struct launch_context *,
                                  struct error *err);
/* What has not been committed is removed.  NULL is fine. */
extern void output_free (struct output *);

/* Check that the targets can be written, before hours are spent. */
extern int output_check (struct output *, struct error *err);

/* Is the target of disk INDEX good for SIZE bytes?  Nothing is written.
 * SOCKET_DIR is as below.
 */
extern int output_try_disk (struct output *, unsigned index, uint64_t size,
                            const char *socket_dir, struct error *err);

/* Open the target of disk INDEX, which will have SIZE bytes; one that is
 * open already is closed before.  SOCKET_DIR is a private directory with a
 * short path.  *RET belongs to the output; NULL: what is read is thrown
 * away.
 */
extern int output_open_disk (struct output *, unsigned index, uint64_t size,
                             const char *socket_dir, enum output_how,
                             struct target **ret, struct error *err);
/* Can what was written be written on?  Compressed clusters cannot. */
extern bool output_can_continue (const struct output *);
/* The file that is being written, or NULL: the target is none of ours. */
extern const char *output_part (const struct output *, unsigned index);
/* What tells the target from another in its place, before it is opened; the
 * caller frees it.  NULL without an error: it is gone.
 */
extern char *output_identity (const struct output *, unsigned index,
                              struct error *err);
/* Where the journal of the copy is to be; the caller frees it.  NULL without
 * an error: not beside the target.
 */
extern char *output_journal (const struct output *, struct error *err);
extern unsigned output_disk_count (const struct output *);
/* What has not been committed stays where it is. */
extern void output_keep (struct output *);

/* Close all targets. */
extern int output_close (struct output *, struct error *err);
/* All disks are copied: close them, give them their names, and write what
 * describes the guest.  It is all on stable storage afterwards.
 */
extern int output_commit (struct output *, struct error *err);

/* Where new files as large as the disks will be made; NULL: nowhere, or
 * their size cannot be told.
 */
extern const char *output_space_dir (const struct output *);

/* Where disk INDEX goes, after output_check; NULL: nowhere. */
extern const struct location *output_location (const struct output *,
                                               unsigned index);
/* For people and results: a path or a URI, or NULL; "raw" or "qcow2". */
extern const char *output_target (const struct output *, unsigned index);
extern const char *output_format_name (const struct output *);

/* Has a server that the output writes through died?  Then -1. */
extern int output_server_check (const struct output *, struct error *err);

/* Those of -o MODE, which must be one of the modes below. */
extern const struct output_option *output_options (const char *mode);

/* The modes, for -o and --machine-readable; ends with NULL. */
extern const char *const output_modes[];

#endif /* V2V_OUTPUT_H */

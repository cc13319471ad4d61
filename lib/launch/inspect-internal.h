/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The parts of inspect.c that have files of their own. */

#ifndef V2V_INSPECT_INTERNAL_H
#define V2V_INSPECT_INTERNAL_H

struct disk;
struct error;
struct image;
struct launch_context;
struct nbdkit_caps;
struct plan;
struct reader;

/* *ERR says why the image is not read.  Add what else can be done where it
 * is, and with the installed nbdkit.
 */
extern void inspect_hint (const struct disk *, const struct plan *,
                          const struct image *, const struct nbdkit_caps *,
                          struct error *err);

/* An error if what was not recognised is a page that a web server has sent, or
 * another text.
 */
extern int inspect_refuse_text (struct reader *, const struct disk *,
                                const struct plan *, const char *name,
                                const struct image *, struct error *err);

/* An error if nbdkit's gzip filter serves only a part of what is in the file
 * that is called NAME.  Nothing to do where there is no such filter.
 */
extern int inspect_check_gzip (struct reader *, const struct plan *,
                               const char *name,
                               const struct launch_context *,
                               struct error *err);

/* An error if a file of plain sectors on a server is shorter than the VMDK
 * descriptor beside it says, or only one of a disk's files.
 */
extern int inspect_check_flat (struct reader *, const struct disk *,
                               const struct plan *, const char *name,
                               const struct launch_context *,
                               struct error *err);

#endif /* V2V_INSPECT_INTERNAL_H */

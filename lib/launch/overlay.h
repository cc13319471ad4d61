/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The qcow2 files that protect the sources: all writes go to them. */

#ifndef V2V_OVERLAY_H
#define V2V_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

struct copy_disk;
struct error;
struct launch;
struct launch_context;
struct overlays;
struct ranges;

/* Make one for each disk of the launch, which must have been started and
 * must outlive them, in a private directory; or, unless DIR is NULL, take
 * those that an earlier run has left in it.  KEEP_READ: what a conversion
 * reads from remote sources is kept beside them, so that it crosses the link
 * once.
 */
extern struct overlays *overlays_new (struct launch *, const char *dir,
                                      bool keep_read,
                                      const struct launch_context *,
                                      struct error *err);
/* Removes them, unless they are to be kept. */
extern void overlays_free (struct overlays *); /* NULL is fine */

/* The directory; NULL after overlays_keep. */
extern const char *overlays_dir (const struct overlays *);
/* With --keep-overlay: say that they are in DIR. */
extern void overlays_tell_kept (const char *dir,
                                const struct launch_context *);
/* What tells the overlay of disk INDEX in DIR from another one, or from
 * itself after a change; the caller frees it.  NULL without an error: it is
 * gone.
 */
extern char *overlay_identity (const char *dir, unsigned index,
                               struct error *err);

/* Absolute path of disk INDEX's overlay. */
extern const char *overlay_path (const struct overlays *, unsigned index);

/* Of the guest's disk, in bytes, before anything was written. */
extern uint64_t overlay_size (const struct overlays *, unsigned index);

/* Serve all of them to a conversion, each from a qemu-nbd that starts when
 * its first client connects.
 */
extern int overlays_serve (struct overlays *, struct error *err);
extern const char *overlay_uri (const struct overlays *, unsigned index);
/* Let the servers connect to the sources now through which a conversion will
 * read these, so that nobody else takes the connections.
 */
extern int overlays_connect (struct overlays *, struct error *err);
/* A number that grows when a conversion reads from a source what it has not
 * read before; as far as that is kept (KEEP_READ above).
 */
extern uint64_t overlays_count_read (const struct overlays *);
/* After the conversion no client gets in; wait until those that are there have
 * left.  One that stays longer than --stall-timeout is an error.
 */
extern int overlays_await_clients (const struct overlays *,
                                   struct error *err);
/* End these servers; everything written is in the overlays then, and on
 * stable storage.  -1 when that is not certain: one of them had died, or did
 * not end as it should.  With an error set already, they are just ended.
 */
extern int overlays_stop (struct overlays *, struct error *err);

/* The overlay files can be opened until this; the same about what was read. */
extern int overlays_stop_reading (struct overlays *, struct error *err);

/* After a conversion, and for overlays that an earlier run has left, which
 * nothing serves now: see what the command made of them.  It may have replaced
 * one by a complete image; one that cannot be relied on is an error with
 * REASON_CONVERT or REASON_UNTRUSTED_IMAGE.
 */
extern int overlays_examine (struct overlays *, struct error *err);
/* Is that of disk INDEX complete without its source?  What it has not
 * allocated is zero then.
 */
extern bool overlay_is_whole (const struct overlays *, unsigned index);

/* Is there no space left where they are?  Then writes of the conversion have
 * probably failed.  False also where that cannot be found out.
 */
extern bool overlays_are_full (const struct overlays *);

/* The size of disk INDEX now: a conversion may have changed it. */
extern int overlay_current_size (const struct overlays *, unsigned index,
                                 uint64_t *ret, struct error *err);
/* Let all that is in them reach stable storage.  Nothing serves them. */
extern int overlays_sync (const struct overlays *, struct error *err);
/* From here on they stay, whatever happens to this process or this host. */
extern int overlays_keep (struct overlays *, struct error *err);

/* Fill in what the copy reads of disk INDEX: base_uri, base_size, base_file,
 * overlay_uri, size and limits, which were empty.  CHANGED: something may have
 * been written to the overlays.
 */
extern int overlay_open_view (struct overlays *, unsigned index,
                              bool changed, struct copy_disk *ret,
                              struct error *err);
/* What disk INDEX, whose view is open with CHANGED, holds itself of SIZE bytes:
 * what was written to it, also zeroes, not what was only read.  To be appended
 * to *RET, sorted.
 */
extern int overlay_list_written (const struct overlays *, unsigned index,
                                 uint64_t size, struct ranges *ret,
                                 struct error *err);
/* The URI of all that disk INDEX holds, whose view is open as VIEW, for who
 * reads a little here and there: what was written, over what is below.  It is
 * there as long as the views.  NULL on error.
 */
extern const char *overlay_serve_all (struct overlays *, unsigned index,
                                      const struct copy_disk *view,
                                      struct error *err);
/* End the views; they can be opened again. */
extern void overlays_close_views (struct overlays *);
/* Is it no use to go on reading the view of disk INDEX?  Then -1: qemu cannot
 * read the image, and that is not the source's fault.
 */
extern int overlays_watch (struct overlays *, unsigned index,
                           struct error *err);
/* A read of a view has failed: add what its server has said of that. */
extern void overlays_explain (const struct overlays *, struct error *err);
/* Has a server that the view reads from died?  Then -1. */
extern int overlays_check (const struct overlays *, struct error *err);

#endif /* V2V_OVERLAY_H */

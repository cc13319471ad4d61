/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The facts by which a later run knows whether it is the same as an earlier
 * one: what was asked for, what is read, and where it is written.
 *
 * They are a list of KEY=VALUE, which can be kept in a journal or a record.  A
 * KEY is some English words, which messages quote, such as "the source of
 * sda".  A VALUE is compared as it is, except the identities of files and
 * devices (the facts "the file of sdX" and "the target of sdX"), which are
 * those of io/disk-identity.h.
 */

#ifndef V2V_FACTS_H
#define V2V_FACTS_H

#include <stdbool.h>

#include "base/argv.h"

struct changed_extents;
struct error;
struct launch;
struct launch_context;
struct output;
struct output_settings;
struct ranges;

/* The key of an option's fact: "on" or "off". */
#define FACT_SKIP_UNUSED "the choice of --skip-unused"

/* What is asked for. */
struct facts_request {
  const struct output_settings *output;
  const char *convert;          /* the command, or NULL */
  const struct changed_extents *extents; /* one for each disk, or NULL: all
                                   is copied */
  unsigned disks;
  bool skip_unused;
};

/* Set, or replace, one fact. */
extern int facts_set (struct argv *, const char *key, const char *value,
                      struct error *err);
/* The same with the key "the WHAT of sdX". */
extern int facts_set_disk (struct argv *, unsigned index, const char *what,
                           const char *value, struct error *err);
/* The same with a KEY=VALUE of another list. */
extern int facts_copy (struct argv *, const char *fact, struct error *err);
/* The value of KEY, or NULL. */
extern const char *facts_get (const struct argv *, const char *key);
extern const char *facts_get_disk (const struct argv *, unsigned index,
                                   const char *what);

/* Add what is asked for: how the targets are written, the conversion, the
 * changed extents, whether unused blocks are left out.  Commands are there as
 * digests: they may hold secrets.
 */
extern int facts_of_request (const struct facts_request *, struct argv *ret,
                             struct error *err);
/* Add what is read: where each disk is, and what tells this version of it from
 * a later one, as far as that costs at most two requests to its server; one
 * where the launch has JUST_STARTED, and asked it as well.  The launch need
 * not have been started.
 */
enum facts_when { FACTS_JUST_STARTED, FACTS_ANY_TIME };
extern int facts_of_sources (const struct launch *, enum facts_when,
                             const struct launch_context *,
                             struct argv *ret, struct error *err);
/* Add what is not used of each of N disks: digests of all RANGES. */
extern int facts_of_unused (const struct ranges *ranges, unsigned n,
                            struct argv *ret, struct error *err);
/* Add what is known of the disks after launch_start: formats and sizes. */
extern int facts_of_served (const struct launch *, struct argv *ret,
                            struct error *err);
/* Add the target of disk INDEX while it is written (output_identity): the same
 * file or device, whatever was written to it.  Adds nothing if it does not
 * exist, or has no identity.
 */
extern int facts_of_target (const struct output *, unsigned index,
                            struct argv *ret, struct error *err);

/* Are all facts of NOW as they were BEFORE?  If not, -1 with
 * REASON_SOURCE_CHANGED, or for the target of a disk REASON_TARGET_CHANGED,
 * and a message that says what was and what is; there is no hint.
 */
extern int facts_compare (const struct argv *before, const struct argv *now,
                          struct error *err);

#endif /* V2V_FACTS_H */

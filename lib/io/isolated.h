/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Calls of libraries that may hang for minutes or crash, in a process of
 * their own: it can be interrupted, and its end is an error like others.
 */

#ifndef V2V_ISOLATED_H
#define V2V_ISOLATED_H

#include <stdint.h>

struct error;
struct supervisor;

/* Call FN, which returns a text or NULL with *err set, in a child, and
 * return what it returned.  The caller frees the text.  WHAT is the
 * library, for the error when the child dies, or has not answered after
 * TIMEOUT_S seconds (0: it may take as long as it likes).
 */
extern char *isolated_call (const char *what,
                            char *(*fn) (const void *data, struct error *),
                            const void *data, unsigned timeout_s,
                            struct supervisor *, struct error *err);

/* What a child may have that reads what strangers have written. */
struct isolated_limits {
  uint64_t max_memory;          /* bytes of address space, beside what this
                                   process has; sanitizers have no limit */
  unsigned max_cpu_s;           /* seconds of CPU time */
  unsigned max_quiet_s;         /* seconds without isolated_progress */
};

/* The child's end. */
struct isolated;
/* The child is not stuck, however slow what it waits for may be. */
extern void isolated_progress (struct isolated *);

/* The same with LIMITS, in a child that has no descriptors of ours.  When it
 * dies or is ended: NULL, without an error, and *ENDED says how ("was killed
 * by signal 11 (Segmentation fault)"), which the caller frees.
 */
extern char *isolated_call_limited (char *(*fn) (const void *data,
                                                 struct isolated *,
                                                 struct error *),
                                    const void *data,
                                    const struct isolated_limits *limits,
                                    struct supervisor *, char **ended,
                                    struct error *err);

#endif /* V2V_ISOLATED_H */

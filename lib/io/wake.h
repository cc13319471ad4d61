/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A descriptor that ends another thread's poll: it is readable from wake_up
 * until wake_clear.
 */

#ifndef V2V_WAKE_H
#define V2V_WAKE_H

#include <stdbool.h>
#include <sys/queue.h>

struct error;

struct wake {
  int fd;
  LIST_ENTRY (wake) others;     /* of a list; its owner has a lock for it */
  bool listed;
};

extern int wake_init (struct wake *, struct error *err);
extern void wake_up (const struct wake *);
extern void wake_clear (const struct wake *);
/* Wait TIMEOUT_MS at most (-1: for ever) until it is readable: is it? */
extern bool wake_wait (const struct wake *, int timeout_ms);
extern void wake_reset (struct wake *);

/* A list of those that wait for the same thing.  All zero is an empty one. */
LIST_HEAD (wake_list, wake);
extern void wake_list_add (struct wake_list *, struct wake *);
extern void wake_list_remove (struct wake *);
/* Wake all of them; the list is empty then. */
extern void wake_list_up (struct wake_list *);

#endif /* V2V_WAKE_H */

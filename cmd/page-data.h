/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The data of the --report page, which come from the run's events. */

#ifndef V2V_PAGE_DATA_H
#define V2V_PAGE_DATA_H

struct error;
struct event;
struct json_object;
struct page_data;

extern struct page_data *page_data_new (struct error *err);
extern void page_data_event (struct page_data *, const struct event *);
/* All data, when the run ends; the caller puts the object.  RETRIES is how
 * often reads were retried, -1 if nothing was copied.  NULL: no memory.
 */
extern struct json_object *page_data_take (struct page_data *, int retries);
extern void page_data_free (struct page_data *); /* NULL is fine */

#endif /* V2V_PAGE_DATA_H */

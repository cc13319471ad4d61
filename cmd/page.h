/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The page of --report: one HTML file that needs no network. */

#ifndef V2V_PAGE_H
#define V2V_PAGE_H

struct error;
struct event;
struct guest;
struct json_object;
struct page_data;
struct success;

struct page {
  int status;                   /* the run's exit status */
  const struct error *err;      /* NULL: it succeeded */
  const struct success *success; /* or NULL */
  const struct guest *guest;    /* NULL: it was not read */
  struct json_object *data;     /* of page_data_take; NULL: no memory */
};

extern int page_write (const struct page *, const char *path,
                       struct error *err);

/*--- page-data.c: what the page shows, from the run's events ---*/

extern struct page_data *page_data_new (struct error *err);
extern void page_data_event (struct page_data *, const struct event *);
/* All data, when the run ends; the caller puts the object.  RETRIES is how
 * often reads were retried, -1 if nothing was copied.  NULL: no memory.
 */
extern struct json_object *page_data_take (struct page_data *, int retries);
extern void page_data_free (struct page_data *); /* NULL is fine */

#endif /* V2V_PAGE_H */

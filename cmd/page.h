/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The page of --report: one HTML file that needs no network. */

#ifndef V2V_PAGE_H
#define V2V_PAGE_H

struct error;
struct json_object;

struct page {
  int status;                   /* the run's exit status */
  const struct error *err;      /* NULL: it succeeded */
  struct json_object *data;     /* page-data.h; NULL: no memory */
};

extern int page_write (const struct page *, const char *path,
                       struct error *err);

#endif /* V2V_PAGE_H */

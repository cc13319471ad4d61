/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The page of --report: a run in pictures, written once, when the run ends.
 * It is one HTML file that needs no network: page.html, which is compiled
 * into this program, with the run's data in it.
 */

#ifndef V2V_PAGE_H
#define V2V_PAGE_H

struct error;
struct page_record;

/* How the run ended. */
struct page_end {
  int status;                   /* the exit status */
  const struct error *err;      /* NULL: it succeeded */
  int retries;                  /* of reads; -1: nothing was copied */
};

extern int page_write (const struct page_record *, const struct page_end *,
                       const char *path, struct error *err);

#endif /* V2V_PAGE_H */

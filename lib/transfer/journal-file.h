/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_JOURNAL_FILE_H
#define V2V_JOURNAL_FILE_H

struct error;
struct journal;

/* 1: read; 0: there is none; -1: error, or it is damaged. */
extern int journal_read (const char *path, struct journal *ret,
                         struct error *err);
/* Replaced as a whole, as file_store does; file_remove removes it. */
extern int journal_write (const char *path, const struct journal *,
                          struct error *err);

#endif /* V2V_JOURNAL_FILE_H */

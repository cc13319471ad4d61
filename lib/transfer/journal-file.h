/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_JOURNAL_FILE_H
#define V2V_JOURNAL_FILE_H

struct error;
struct journal;

/* Read the journal at PATH.  Returns 1; 0 if it does not exist; -1 on errors,
 * for example if it is damaged.
 */
extern int journal_read (const char *path, struct journal *ret,
                         struct error *err);
/* Replace the journal at PATH, as file_replace does.  It is no error if the
 * directory cannot be synced, as on some file systems: the older journal that
 * a power failure could bring back says less, but nothing wrong.  file_remove
 * removes a journal.
 */
extern int journal_write (const char *path, const struct journal *,
                          struct error *err);

#endif /* V2V_JOURNAL_FILE_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What was copied of a disk, as a text. */

#ifndef V2V_FINISHED_RESULT_H
#define V2V_FINISHED_RESULT_H

struct error;
struct transfer_disk;

/* The caller frees it. */
extern char *finished_result_text (const struct transfer_disk *,
                                   struct error *err);
/* The opposite; -1 if TEXT is damaged.  Target and format stay NULL. */
extern int finished_result_parse (const char *text,
                                  struct transfer_disk *ret);

#endif /* V2V_FINISHED_RESULT_H */

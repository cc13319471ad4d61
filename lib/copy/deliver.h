/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_DELIVER_H
#define V2V_DELIVER_H

struct copy_job;
struct error;
struct request;

/* What is not read: zeroes, or what the target has already. */
extern int deliver_unread (struct copy_job *, const struct request *,
                           struct error *err);
/* What was read; in DATA zeroes are put where the base is not used. */
extern int deliver_data (struct copy_job *, const struct request *,
                         char *data, struct error *err);

#endif /* V2V_DELIVER_H */

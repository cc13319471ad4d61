/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_DELIVER_H
#define V2V_DELIVER_H

struct copy_job;
struct error;
struct request;

extern int deliver_zero (struct copy_job *, const struct request *,
                         struct error *err);
extern int deliver_data (struct copy_job *, const struct request *,
                         const char *data, struct error *err);

#endif /* V2V_DELIVER_H */

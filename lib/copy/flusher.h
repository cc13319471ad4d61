/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_FLUSHER_H
#define V2V_FLUSHER_H

/* The thread of a job that makes completed segments durable. */
extern void *flusher_main (void *job);

#endif /* V2V_FLUSHER_H */

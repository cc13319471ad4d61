/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_LISTER_H
#define V2V_LISTER_H

/* The thread of a job that fills its queue. */
extern void *lister_main (void *job);

#endif /* V2V_LISTER_H */

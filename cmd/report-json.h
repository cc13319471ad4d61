/* SPDX-License-Identifier: GPL-2.0-or-later */

/* JSON lines, one object for each event.  Keys and reasons are part of the
 * contract with scripts and never translated.
 */

#ifndef V2V_REPORT_JSON_H
#define V2V_REPORT_JSON_H

#include <stddef.h>

#include "base/error.h"
#include "base/events.h"

struct guest;
struct json_object;
struct success;

/* They return an object for the caller to put, or NULL where an event has
 * none.  DISK is left out when it is -1.
 */
extern struct json_object *json_start (void);
extern struct json_object *json_event (const struct event *);
extern struct json_object *json_error (const struct error *, int status,
                                       double seconds);
extern struct json_object *json_source (const struct guest *);
extern struct json_object *json_result (const struct success *);

/* The object as a line of at most MAX bytes, for the caller to free.  What is
 * too long goes first: detail, then long texts, then the list of disks.
 */
extern char *json_line (struct json_object *, size_t max);

#endif /* V2V_REPORT_JSON_H */

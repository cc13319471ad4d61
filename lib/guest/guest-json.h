/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The facts of a guest in JSON: V2V_JSON, and --print-source for machines.
 * There is no secret in it.
 */

#ifndef V2V_GUEST_JSON_H
#define V2V_GUEST_JSON_H

struct error;
struct guest;
struct json_object;

/* Add them to OBJECT, which becomes NULL if there is no memory. */
extern void guest_json_add (struct json_object **object,
                            const struct guest *);
/* An object of them, which the caller puts (json_object_put); NULL: no
 * memory.
 */
extern struct json_object *guest_json (const struct guest *,
                                       struct error *err);

#endif /* V2V_GUEST_JSON_H */

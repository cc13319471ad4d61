/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What a conversion says of the guest that it has made. */

#ifndef V2V_CONVERTED_H
#define V2V_CONVERTED_H

struct error;
struct events;
struct guest;

/* The file that virt-v2v-in-place -O is to write, in the overlays' directory
 * DIR, where a resumed run finds it again; the caller frees it.
 */
extern char *converted_path (const char *dir, struct error *err);

/* Take over what that file, if there is one, tells of the guest; it is on
 * stable storage then.  One that cannot be read is a warning: the conversion
 * was a success.
 */
extern int converted_read (const char *dir, struct guest *,
                           const struct events *, struct error *err);

#endif /* V2V_CONVERTED_H */

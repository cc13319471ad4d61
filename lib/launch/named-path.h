/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The names that images have for other files, as paths. */

#ifndef V2V_NAMED_PATH_H
#define V2V_NAMED_PATH_H

#include <stdbool.h>

struct error;
struct image;
struct location;

/* "nbd:..." and "json:..." are no names of files. */
extern bool named_path_is_file (const char *name);
/* NAME without "file:". */
extern const char *named_path_plain (const char *name);
/* The directory that relative names start from: the image's own one, or NULL
 * where there is none on this host, or where its file is made for this run.
 * The caller frees it.
 */
extern char *named_path_directory (const struct location *,
                                   struct error *err);
/* NAME as the image in DIR (which may be NULL: nowhere) names it; NULL: it is
 * no file of this host.  The caller frees it.
 */
extern char *named_path (const char *dir, const char *name,
                         struct error *err);
/* Does each name in the image at LOCATION lead to a place on this host? */
extern bool named_paths_known (const struct image *,
                               const struct location *);

#endif /* V2V_NAMED_PATH_H */

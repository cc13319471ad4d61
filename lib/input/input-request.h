/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the user asks of an input, and what several inputs do about it. */

#ifndef V2V_INPUT_REQUEST_H
#define V2V_INPUT_REQUEST_H

#include <stdbool.h>

#include "base/argv.h"

struct disk;
struct error;
struct events;
struct location;
struct reader;
struct secret;
struct supervisor;

struct input_request {
  const struct argv *sources;   /* SOURCE... */
  const char *connect;          /* -ic URI, or NULL */
  const char *transport;        /* -it: "ssh", "nfc", "vddk", or NULL */
  const char *format;           /* -if, or NULL */
  const struct argv *options;   /* -io KEY=VALUE..., known ones only */
  const struct secret *password; /* -ip, or NULL */
  /* The directory for what must be unpacked (beside the overlays), made
   * when it is first asked for.  NULL: unpack nothing.
   */
  const char *(*scratch) (void *data, struct error *err);
  void *scratch_data;
  const char *scratch_parent;   /* in which directory that would be made */
  bool dry_run;                 /* --dry-run: the source is not touched, and
                                   may not even be there */
  bool only_shown;              /* --print-source: disks that cannot be copied
                                   are no error */
  struct supervisor *supervisor;
  const struct events *events;
  /* Open a remote location (ssh, curl) to read metadata from it. */
  struct reader *(*open_location) (void *data, const struct location *,
                                   struct error *err);
  void *open_data;
};

/* Open SOURCE, which location_parse made LOCATION of, to read metadata from
 * it.  The location gets the password of -ip if it has none.
 */
extern struct reader *input_open (const struct input_request *,
                                  const char *source, struct location *,
                                  struct error *err);

/* All of what READER reads, at most MAX bytes, ended by a NUL byte that LEN
 * does not count; NAME is the file's in errors.  READER is freed; if it is
 * NULL, *ERR is set already.  The caller frees the text.
 */
extern char *input_text (struct reader *, const char *name, size_t max,
                         size_t *len, struct error *err);

/* "USER on HOST"; NULL where one of them is NULL.  The caller frees it. */
extern char *input_login (const char *user, const char *host,
                          struct error *err);

/* The login of the first SOURCE that is the URL of a web or FTP server, if a
 * user is named without a password.  The caller frees it.
 */
extern char *input_url_login (const struct input_request *,
                              struct error *err);

/* Set what -io allow-backing says of the disk. */
extern int input_allow_backing (const struct input_request *, struct disk *,
                                struct error *err);

/* The path of FILE, as the file at PATH names it: relative to itself, or
 * absolute.  The caller frees it.
 */
extern char *input_path_beside (const char *path, const char *file,
                                struct error *err);

/* What a guest without a name is called: the last part of PATH, without
 * EXTENSION (in any case) if it has that.  The caller frees it.
 */
extern char *input_guest_name (const char *path, const char *extension,
                               struct error *err);

#endif /* V2V_INPUT_REQUEST_H */

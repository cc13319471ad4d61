/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Is a file of plain sectors on a server as long as the VMDK descriptor beside
 * it says?  One that was cut when it was brought there is a shorter disk, and
 * nothing else shows it.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/uri.h"
#include "context.h"
#include "guest/guest.h"
#include "image/vmdk.h"
#include "input/input-vmdk.h"
#include "io/reader.h"
#include "io/supervisor.h"
#include "launch/inspect-internal.h"
#include "launch/plan.h"
#include "launch/remote-reader.h"

/* The URI with the name of the descriptor, and what that calls the file. */
static int
beside_url (const char *uri, char **whole, char **file, struct error *err)
{
  const char *query = uri + strcspn (uri, "?");
  CLEANUP_FREE char *plain = format (err, "%.*s", (int) (query - uri), uri);
  CLEANUP_FREE char *named = plain == NULL ? NULL
    : vmdk_name_of_whole (plain, err);
  CLEANUP_URI struct uri_parts parts = { .scheme = NULL };

  if (named == NULL)
    return error_is_set (err) ? -1 : 0;
  if (uri_parse (uri, &parts, err) == -1)
    return -1;
  *whole = format (err, "%s%s", named, query);
  *file = alloc_copy (strrchr (parts.path, '/') + 1, err);
  return *whole != NULL && *file != NULL ? 0 : -1;
}

static int
beside_path (const char *path, char **whole, char **file, struct error *err)
{
  const char *slash = strrchr (path, '/');

  *whole = vmdk_name_of_whole (path, err);
  *file = alloc_copy (slash == NULL ? path : slash + 1, err);
  return error_is_set (err) ? -1 : 0;
}

/* Let LOCATION be that of the descriptor, which WHOLE is the name of.  WHOLE
 * is NULL where a file cannot have one.
 */
static int
look_beside (struct location *location, char **whole, char **file,
             struct error *err)
{
  int r = 0;

  if (location->kind == LOCATION_CURL) {
    r = beside_url (location->uri, whole, file, err);
    location->uri = *whole;
  }
  else if (location->kind == LOCATION_SSH) {
    r = beside_path (location->path, whole, file, err);
    location->path = *whole;
  }
  return r;
}

/* There need not be a descriptor, and it may be one of something else. */
static int
check (const struct location *location, const struct vmdk_piece *piece,
       const struct launch_context *context, struct error *err)
{
  CLEANUP_ERROR struct error failed = ERROR_INIT;
  CLEANUP_FREE char *name = location_describe (location, err);
  CLEANUP_READER struct reader *whole = name == NULL ? NULL
    : remote_reader_new (location, context, &failed);

  if (name == NULL)
    return -1;
  if (whole != NULL)
    return input_vmdk_check_piece (whole, name, piece, err);
  if (supervisor_signal (context->supervisor) == 0)
    return 0;
  error_move (err, &failed);
  return -1;
}

int
inspect_check_flat (struct reader *reader, const struct disk *disk,
                    const struct plan *plan, const char *name,
                    const struct launch_context *context, struct error *err)
{
  struct location location = *plan->location; /* borrows what that has */
  CLEANUP_FREE char *whole = NULL, *file = NULL;
  struct vmdk_piece piece = { .reader = reader, .name = name };

  if (disk->format_given || location.part.length != 0 ||
      location.part.tar_entry != NULL)
    return 0;
  if (look_beside (&location, &whole, &file, err) == -1)
    return -1;
  piece.file = file;
  return whole == NULL ? 0 : check (&location, &piece, context, err);
}

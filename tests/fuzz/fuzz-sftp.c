/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Anything may come from an SFTP server: the first byte is how many bytes come
 * at a time, the others are the stream.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "../../plugins/sftp-packet.c"

extern int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Requests with an odd ID want as many bytes. */
static uint8_t *buffer;
static uint32_t buffer_len;

static void *
place_of (void *opaque, uint32_t id, uint32_t len)
{
  (void) opaque;
  if (id % 2 == 0 || len > id || len > SFTP_DATA_MAX)
    return NULL;
  free (buffer);
  buffer = malloc (len + 1);
  buffer_len = len;
  return buffer;
}

static bool
look_at (void *opaque, const struct sftp_reply *reply)
{
  struct sftp_status status;
  struct sftp_handle handle;
  struct sftp_attrs attrs;

  (void) opaque;
  if (reply->type == SFTP_DATA && reply->len != buffer_len)
    __builtin_trap ();
  if (sftp_get_status (reply, &status) && status.text_len > SFTP_BODY_MAX)
    __builtin_trap ();
  if (sftp_get_handle (reply, &handle) && handle.len > SFTP_HANDLE_MAX)
    __builtin_trap ();
  sftp_get_attrs (reply, &attrs);
  return true;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const struct sftp_sink sink = { .place = place_of, .reply = look_at };
  struct sftp_reader *reader = calloc (1, sizeof *reader);
  const size_t step = size > 0 ? data[0] + 1 : 1;
  bool ok = reader != NULL;

  if (ok)
    reader->sink = &sink;
  for (size_t i = 1; ok && i < size; i += step)
    ok = sftp_read (reader, data + i, size - i < step ? size - i : step);
  free (reader);
  free (buffer);
  buffer = NULL;
  return 0;
}

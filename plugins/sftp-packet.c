/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Packets of SFTP; the header says which.  Everything that is read is the
 * server's and may be wrong in any way.  What a request was for, and what its
 * reply means, is up to the caller (ssh-connection.c).
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "sftp-packet.h"

#define OPEN_READ 1
#define ATTR_SIZE 0x00000001
#define ATTR_UIDGID 0x00000002
#define ATTR_PERMISSIONS 0x00000004
#define ATTR_TIMES 0x00000008

/* Length, type and ID are there. */
#define HEAD_LEN 9
/* What the length counts of them. */
#define COUNTED_LEN (HEAD_LEN - 4)


/*--- Requests. ---*/

void
sftp_out_reset (struct sftp_out *out)
{
  free (out->ptr);
  *out = (struct sftp_out) { .ptr = NULL };
}

void
sftp_out_sent (struct sftp_out *out, size_t len)
{
  out->len -= len;
  if (out->len > 0)
    memmove (out->ptr, out->ptr + len, out->len);
}

static void
put (struct sftp_out *out, const void *data, size_t len)
{
  if (out->cap - out->len < len && !out->failed) {
    const size_t cap = (out->len + len) * 2;
    uint8_t *ptr = realloc (out->ptr, cap);

    if (ptr != NULL) {
      out->ptr = ptr;
      out->cap = cap;
    }
    else
      out->failed = true;
  }
  if (out->failed)
    return;
  memcpy (out->ptr + out->len, data, len);
  out->len += len;
}

static void
put_number (struct sftp_out *out, uint64_t value, unsigned len)
{
  uint8_t bytes[8];

  for (unsigned i = 0; i < len; i++)
    bytes[i] = (uint8_t) (value >> (8 * (len - 1 - i)));
  put (out, bytes, len);
}

static void
put_string (struct sftp_out *out, const void *data, uint32_t len)
{
  put_number (out, len, 4);
  put (out, data, len);
}

/* REST bytes follow. */
static void
put_head (struct sftp_out *out, enum sftp_type type, uint32_t id,
          uint32_t rest)
{
  put_number (out, COUNTED_LEN + rest, 4);
  put_number (out, type, 1);
  put_number (out, id, 4);
}

void
sftp_put_init (struct sftp_out *out)
{
  put_head (out, SFTP_INIT, 3, 0);
}

void
sftp_put_path (struct sftp_out *out, enum sftp_type type, uint32_t id,
               const char *path)
{
  const uint32_t len = (uint32_t) strlen (path);

  put_head (out, type, id, 4 + len + (type == SFTP_OPEN ? 8 : 0));
  put_string (out, path, len);
  if (type == SFTP_OPEN) {
    put_number (out, OPEN_READ, 4);
    put_number (out, 0, 4);     /* no attributes */
  }
}

void
sftp_put_fstat (struct sftp_out *out, uint32_t id,
                const struct sftp_handle *handle)
{
  put_head (out, SFTP_FSTAT, id, 4 + handle->len);
  put_string (out, handle->bytes, handle->len);
}

void
sftp_put_read (struct sftp_out *out, uint32_t id,
               const struct sftp_handle *handle, uint64_t offset,
               uint32_t len)
{
  put_head (out, SFTP_READ, id, 4 + handle->len + 8 + 4);
  put_string (out, handle->bytes, handle->len);
  put_number (out, offset, 8);
  put_number (out, len, 4);
}


/*--- The stream of replies. ---*/

static uint32_t
number_at (const uint8_t *p)
{
  return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 |
    (uint32_t) p[2] << 8 | p[3];
}

static uint8_t
type_of (const struct sftp_reader *reader)
{
  return reader->head[4];
}

static uint32_t
id_of (const struct sftp_reader *reader)
{
  return number_at (reader->head + 5);
}

/* How much of the head is needed before it is known where the rest goes. */
static uint32_t
head_needed (const struct sftp_reader *reader)
{
  return reader->head_len >= HEAD_LEN && type_of (reader) == SFTP_DATA
    ? HEAD_LEN + 4 : HEAD_LEN;
}

static bool
begin_data (struct sftp_reader *reader, uint32_t rest)
{
  const uint32_t len = number_at (reader->head + HEAD_LEN);

  if (rest < 4 || len != rest - 4 || len > SFTP_DATA_MAX)
    return false;
  reader->body = NULL;
  reader->place = reader->sink->place (reader->sink->opaque, id_of (reader),
                                       len);
  reader->missing = len;
  return reader->place != NULL;
}

static bool
begin_body (struct sftp_reader *reader)
{
  const uint32_t len = number_at (reader->head);
  uint32_t rest;

  if (len < COUNTED_LEN)
    return false;
  rest = len - COUNTED_LEN;
  if (type_of (reader) == SFTP_DATA)
    return begin_data (reader, rest);
  if (rest > sizeof reader->own)
    return false;
  reader->body = reader->place = reader->own;
  reader->missing = rest;
  return true;
}

static bool
end_body (struct sftp_reader *reader)
{
  const struct sftp_reply reply = {
    .type = type_of (reader),
    .id = id_of (reader),
    .body = reader->body,
    .len = number_at (reader->head) - COUNTED_LEN -
      (reader->body == NULL ? 4 : 0),
  };

  reader->head_len = 0;
  return reader->sink->reply (reader->sink->opaque, &reply);
}

/* Copy from *DATA what is wanted at PLACE, at most. */
static uint32_t
take (uint8_t *place, uint32_t wanted, const uint8_t **data, size_t *len)
{
  const uint32_t n = *len < wanted ? (uint32_t) *len : wanted;

  memcpy (place, *data, n);
  *data += n;
  *len -= n;
  return n;
}

/* The head goes on, or is complete. */
static bool
read_head (struct sftp_reader *reader, const uint8_t **data, size_t *len)
{
  reader->head_len += take (reader->head + reader->head_len,
                            head_needed (reader) - reader->head_len,
                            data, len);
  return reader->head_len < head_needed (reader) || begin_body (reader);
}

bool
sftp_read (struct sftp_reader *reader, const void *data, size_t len)
{
  const uint8_t *p = data;

  while (len > 0) {
    if (reader->head_len < head_needed (reader)) {
      if (!read_head (reader, &p, &len))
        return false;
    }
    else {
      const uint32_t n = take (reader->place, reader->missing, &p, &len);

      reader->place += n;
      reader->missing -= n;
    }
    if (reader->head_len == head_needed (reader) && reader->missing == 0 &&
        !end_body (reader))
      return false;
  }
  return true;
}


/*--- What a reply says. ---*/

/* The bytes of a body that have not been read. */
struct body {
  const uint8_t *ptr;
  uint32_t len;
};

static struct body
body_of (const struct sftp_reply *reply)
{
  return (struct body) { .ptr = reply->body, .len = reply->len };
}

static bool
get_number (struct body *body, uint32_t *ret)
{
  if (body->len < 4)
    return false;
  *ret = number_at (body->ptr);
  body->ptr += 4;
  body->len -= 4;
  return true;
}

static bool
get_string (struct body *body, const uint8_t **ret, uint32_t *len)
{
  if (!get_number (body, len) || *len > body->len)
    return false;
  *ret = body->ptr;
  body->ptr += *len;
  body->len -= *len;
  return true;
}

static const char *
name_of_status (uint32_t code)
{
  static const char *const names[] = {
    "Success", "End of file", "No such file", "Permission denied", "Failure",
    "Bad message", "No connection", "Connection lost",
    "Operation unsupported",
  };

  return code < sizeof names / sizeof names[0] ? names[code] : "Unknown error";
}

/* Servers of versions before 3 send no text. */
bool
sftp_get_status (const struct sftp_reply *reply, struct sftp_status *ret)
{
  struct body body = body_of (reply);
  const uint8_t *text;

  if (reply->type != SFTP_STATUS || !get_number (&body, &ret->code))
    return false;
  if (get_string (&body, &text, &ret->text_len) && ret->text_len > 0) {
    ret->text = (const char *) text;
    return true;
  }
  ret->text = name_of_status (ret->code);
  ret->text_len = (uint32_t) strlen (ret->text);
  return true;
}

bool
sftp_get_handle (const struct sftp_reply *reply, struct sftp_handle *ret)
{
  struct body body = body_of (reply);
  const uint8_t *bytes;

  if (reply->type != SFTP_HANDLE || !get_string (&body, &bytes, &ret->len) ||
      ret->len > sizeof ret->bytes)
    return false;
  memcpy (ret->bytes, bytes, ret->len);
  return true;
}

bool
sftp_get_attrs (const struct sftp_reply *reply, struct sftp_attrs *ret)
{
  struct body body = body_of (reply);
  uint32_t flags, high, low, ignored;

  *ret = (struct sftp_attrs) { .has_size = false };
  if (reply->type != SFTP_ATTRS || !get_number (&body, &flags))
    return false;
  if (flags & ATTR_SIZE) {
    if (!get_number (&body, &high) || !get_number (&body, &low))
      return false;
    ret->has_size = true;
    ret->size = (uint64_t) high << 32 | low;
  }
  if ((flags & ATTR_UIDGID) &&
      (!get_number (&body, &ignored) || !get_number (&body, &ignored)))
    return false;
  if ((flags & ATTR_PERMISSIONS) && !get_number (&body, &ret->mode))
    return false;
  ret->has_mtime = flags & ATTR_TIMES;
  return !ret->has_mtime ||
    (get_number (&body, &ignored) && get_number (&body, &ret->mtime));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* SFTP packets: what is sent, what is understood however it is cut, and that
 * packets of a hostile server are refused before anything is written where it
 * must not be.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/sftp-packet.c"

#define WANTED_ID 7

/* Who asked for WANTED bytes of data, and what has come. */
struct receiver {
  struct sftp_sink sink;
  struct sftp_reader reader;
  uint32_t wanted;
  uint8_t *buf;
  unsigned replies;
  struct sftp_reply last;
  uint8_t last_body[100];
};

static void *
place_of (void *opaque, uint32_t id, uint32_t len)
{
  struct receiver *r = opaque;

  return id == WANTED_ID && len <= r->wanted ? r->buf : NULL;
}

static bool
keep_reply (void *opaque, const struct sftp_reply *reply)
{
  struct receiver *r = opaque;

  r->replies++;
  r->last = *reply;
  if (reply->body != NULL) {
    assert (reply->len <= SFTP_BODY_MAX);
    memcpy (r->last_body, reply->body,
            reply->len < sizeof r->last_body ? reply->len
                                             : sizeof r->last_body);
    r->last.body = r->last_body;
  }
  return reply->type != 0xff;
}

static struct receiver *
receiver_new (uint32_t wanted)
{
  struct receiver *r = calloc (1, sizeof *r);

  assert (r != NULL);
  r->sink = (struct sftp_sink) {
    .place = place_of, .reply = keep_reply, .opaque = r,
  };
  r->reader.sink = &r->sink;
  r->wanted = wanted;
  r->buf = malloc (wanted + 1);
  assert (r->buf != NULL);
  return r;
}

static void
receiver_free (struct receiver *r)
{
  free (r->buf);
  free (r);
}

/* Give the bytes STEP at a time. */
static bool
feed (struct receiver *r, const void *data, size_t len, size_t step)
{
  const uint8_t *p = data;

  while (len > 0) {
    const size_t n = len < step ? len : step;
    bool ok;
    /* A sanitizer sees what is read behind it. */
    uint8_t *exactly = malloc (n);

    assert (exactly != NULL);
    memcpy (exactly, p, n);
    ok = sftp_read (&r->reader, exactly, n);
    free (exactly);
    if (!ok)
      return false;
    p += n;
    len -= n;
  }
  return true;
}

static void
test_requests (void)
{
  static const uint8_t expected[] =
    "\0\0\0\x5" "\x1" "\0\0\0\x3"
    "\0\0\0\xb" "\x11" "\0\0\0\x1" "\0\0\0\x2" "/a"
    "\0\0\0\x13" "\x3" "\0\0\0\x2" "\0\0\0\x2" "/a" "\0\0\0\x1" "\0\0\0\0"
    "\0\0\0\xb" "\x8" "\0\0\0\x3" "\0\0\0\x2" "hd"
    "\0\0\0\x17" "\x5" "\0\0\0\x4" "\0\0\0\x2" "hd"
    "\1\2\3\4\5\6\7\x8" "\0\3\xfc\0";
  const struct sftp_handle handle = { .bytes = "hd", .len = 2 };
  struct sftp_out out = { .ptr = NULL };

  sftp_put_init (&out);
  sftp_put_path (&out, SFTP_STAT, 1, "/a");
  sftp_put_path (&out, SFTP_OPEN, 2, "/a");
  sftp_put_fstat (&out, 3, &handle);
  sftp_put_read (&out, 4, &handle, UINT64_C (0x0102030405060708),
                 SFTP_DATA_MAX);
  assert (!out.failed && out.len == sizeof expected - 1);
  assert (memcmp (out.ptr, expected, out.len) == 0);
  sftp_out_sent (&out, 9);
  assert (out.len == sizeof expected - 10);
  assert (memcmp (out.ptr, expected + 9, out.len) == 0);
  sftp_out_sent (&out, out.len);
  assert (out.len == 0);
  sftp_out_reset (&out);
}

/* A version without and with extensions, data, and a status, in parts of any
 * size.
 */
static void
test_stream (void)
{
  static const char stream[] =
    "\0\0\0\x5" "\x2" "\0\0\0\x3"
    "\0\0\0\xd" "\x2" "\0\0\0\x3" "\0\0\0\x1" "e" "\0\0\0"
    "\0\0\0\xd" "\x67" "\0\0\0\x7" "\0\0\0\x4" "data"
    "\0\0\0\x11" "\x65" "\0\0\0\x9" "\0\0\0\x1" "\0\0\0\x0" "\0\0\0\0";

  for (size_t step = 1; step < sizeof stream; step++) {
    struct receiver *r = receiver_new (4);
    struct sftp_status status;

    assert (feed (r, stream, sizeof stream - 1, step));
    assert (r->replies == 4);
    assert (memcmp (r->buf, "data", 4) == 0);
    assert (r->last.type == SFTP_STATUS && r->last.id == 9);
    assert (sftp_get_status (&r->last, &status));
    assert (status.code == SFTP_EOF && status.text_len == 11 &&
            memcmp (status.text, "End of file", 11) == 0);
    receiver_free (r);
  }
}

/* LEN bytes of DATA are refused, in however many parts they come. */
static void
refuse (const char *data, size_t len)
{
  for (size_t step = 1; step <= len; step++) {
    struct receiver *r = receiver_new (4);

    assert (!feed (r, data, len, step));
    receiver_free (r);
  }
}

static void
test_hostile (void)
{
#define REFUSE(data) refuse (data, sizeof data - 1)
  /* Shorter than its own head. */
  REFUSE ("\0\0\0\0" "\x65" "\0\0\0\1");
  REFUSE ("\0\0\0\4" "\x65" "\0\0\0\1");
  /* Longer than any reply. */
  REFUSE ("\xff\xff\xff\xff" "\x65" "\0\0\0\1");
  REFUSE ("\x80\0\0\0" "\x69" "\0\0\0\1");
  REFUSE ("\0\0\x84\xd6" "\x68" "\0\0\0\1");
  /* Data without a length, or with another one than the packet's. */
  REFUSE ("\0\0\0\x8" "\x67" "\0\0\0\x7" "\0\0\0\0");
  REFUSE ("\0\0\0\x9" "\x67" "\0\0\0\x7" "\0\0\0\x4");
  REFUSE ("\0\0\0\xd" "\x67" "\0\0\0\x7" "\0\0\0\x3");
  REFUSE ("\0\0\0\xd" "\x67" "\0\0\0\x7" "\xff\xff\xff\xff");
  /* More than was asked for, or than anybody may ask for. */
  REFUSE ("\0\0\0\xe" "\x67" "\0\0\0\x7" "\0\0\0\x5");
  REFUSE ("\0\x10\0\x9" "\x67" "\0\0\0\x7" "\0\x10\0\0");
  /* Nobody has asked for it. */
  REFUSE ("\0\0\0\xd" "\x67" "\0\0\0\x8" "\0\0\0\x4");
  /* It makes no sense to whom it is for. */
  REFUSE ("\0\0\0\x5" "\xff" "\0\0\0\0");
#undef REFUSE
}

/* The largest body goes just into the reader. */
static void
test_large_body (void)
{
  const uint32_t len = SFTP_BODY_MAX;
  struct receiver *r = receiver_new (4);
  uint8_t head[9] = { 0, 0, 0, 0, SFTP_HANDLE, 0, 0, 0, 1 };
  uint8_t *body = calloc (1, len);

  assert (body != NULL);
  head[2] = (uint8_t) ((len + 5) >> 8);
  head[3] = (uint8_t) (len + 5);
  assert (feed (r, head, sizeof head, sizeof head));
  assert (feed (r, body, len, len));
  assert (r->replies == 1 && r->last.len == len);
  free (body);
  receiver_free (r);
}

static struct sftp_reply
reply_of (uint8_t type, const void *body, uint32_t len)
{
  return (struct sftp_reply) { .type = type, .body = body, .len = len };
}

static void
test_handle (void)
{
  uint8_t body[4 + 300] = { 0, 0, 0, 3, 'a', 'b', 'c' };
  struct sftp_handle handle;
  struct sftp_reply reply = reply_of (SFTP_HANDLE, body, 7);

  assert (sftp_get_handle (&reply, &handle) && handle.len == 3 &&
          memcmp (handle.bytes, "abc", 3) == 0);
  reply.len = 6;
  assert (!sftp_get_handle (&reply, &handle));
  reply.len = 3;
  assert (!sftp_get_handle (&reply, &handle));
  body[0] = 0xff;
  reply.len = 7;
  assert (!sftp_get_handle (&reply, &handle));
  body[0] = 0;
  body[2] = 1;
  body[3] = 0;
  reply.len = sizeof body;
  assert (sftp_get_handle (&reply, &handle) && handle.len == 256);
  body[3] = 1;
  assert (!sftp_get_handle (&reply, &handle));
  reply.type = SFTP_STATUS;
  assert (!sftp_get_handle (&reply, &handle));
}

static void
test_status (void)
{
  static const char with_text[] = "\0\0\0\3" "\0\0\0\2" "no";
  static const char cut[] = "\0\0\0\3" "\0\0\0\x63" "no";
  static const char unknown[] = "\0\0\xff\0";
  struct sftp_status status;
  struct sftp_reply reply = reply_of (SFTP_STATUS, with_text, 10);

  assert (sftp_get_status (&reply, &status) && status.code == 3 &&
          status.text_len == 2 && memcmp (status.text, "no", 2) == 0);
  reply = reply_of (SFTP_STATUS, cut, 10);
  assert (sftp_get_status (&reply, &status) &&
          strcmp (status.text, "Permission denied") == 0);
  reply = reply_of (SFTP_STATUS, unknown, 4);
  assert (sftp_get_status (&reply, &status) &&
          strcmp (status.text, "Unknown error") == 0);
  reply = reply_of (SFTP_STATUS, unknown, 3);
  assert (!sftp_get_status (&reply, &status));
}

static void
test_attrs (void)
{
  static const char all[] =
    "\0\0\0\xf" "\0\0\0\1\0\0\0\2" "\0\0\0\0\0\0\0\0" "\0\0\x81\xa4"
    "\0\0\0\1" "\0\0\0\5";
  static const char mode[] = "\0\0\0\x4" "\0\0\x61\xa4";
  struct sftp_attrs attrs;
  struct sftp_reply reply = reply_of (SFTP_ATTRS, all, sizeof all - 1);

  assert (sftp_get_attrs (&reply, &attrs) && attrs.has_size &&
          attrs.size == UINT64_C (0x100000002) && attrs.mode == 0100644 &&
          attrs.has_mtime && attrs.mtime == 5);
  for (reply.len = 0; reply.len < sizeof all - 1; reply.len++)
    assert (!sftp_get_attrs (&reply, &attrs));
  reply = reply_of (SFTP_ATTRS, mode, 8);
  assert (sftp_get_attrs (&reply, &attrs) && !attrs.has_size &&
          attrs.mode == 060644 && !attrs.has_mtime);
}

int
main (void)
{
  test_requests ();
  test_stream ();
  test_hostile ();
  test_large_body ();
  test_handle ();
  test_status ();
  test_attrs ();
  return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <config.h>

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "input/ova/member-name.h"
#include "input/ova/tar-index.h"
#include "io/reader.h"

/* An OVA has a handful of members.  Each costs a read, which over the
 * network is a round trip.
 */
#define MEMBERS_MAX 4096
/* A pax header or a long name: what Linux can name, many times over. */
#define EXTENSION_MAX (1 << 20)

/* The header of all the formats; those older than ustar have no prefix, and
 * GNU tar has other things there.
 */
struct header {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], chksum[8];
  char type, linkname[100], magic[6], version[2], uname[32], gname[32];
  char devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert (sizeof (struct header) == TAR_BLOCK, "a tar header");

/* GNU's sparse header, from byte 345 on: four times 24 bytes of map after
 * 41 others, then whether a further block of map follows.
 */
#define GNU_SPARSE_MORE 482
#define GNU_SPARSE_BLOCK_MORE 504

/* The walk through the file, and what extension headers have said about
 * the member that follows them.
 */
struct walk {
  struct reader *reader;
  uint64_t offset;              /* of the next header */
  unsigned headers;
  struct tar_members *members;
  char *name;                   /* or NULL */
  uint64_t size;
  bool has_size, sparse;
  struct error *err;
};

static void
forget_extensions (struct walk *w)
{
  free (w->name);
  w->name = NULL;
  w->has_size = w->sparse = false;
}

static void
cleanup_walk (struct walk *w)
{
  forget_extensions (w);
}

static int
malformed (struct walk *w, const char *what)
{
  return error_set (w->err, REASON_UNTRUSTED_IMAGE,
                    _("the tar file is damaged: %s in the header at byte %"
                      PRIu64), what, w->offset);
}

/* Octal digits between blanks, or with the first bit set a binary number,
 * the most significant byte first.
 */
static int
parse_field (const char *field, size_t len, uint64_t *ret)
{
  const unsigned char *byte = (const unsigned char *) field;
  size_t i = 0;

  *ret = 0;
  if (byte[0] & 0x80) {
    *ret = byte[0] & 0x7f;
    for (i = 1; i < len; i++) {
      if (*ret >> 55)
        return -1;              /* would not fit, or is negative */
      *ret = *ret << 8 | byte[i];
    }
    return 0;
  }
  while (i < len && field[i] == ' ')
    i++;
  for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
    *ret = *ret << 3 | (uint64_t) (field[i] - '0'); /* at most 36 bits */
  return i == len || field[i] == '\0' || field[i] == ' ' ? 0 : -1;
}

/* The sum of all bytes, with the sum's own field as blanks.  Some old tars
 * added signed bytes.
 */
static bool
sum_is_right (const struct header *h)
{
  const unsigned char *bytes = (const unsigned char *) h;
  int64_t plain = 0, with_sign = 0;
  uint64_t wanted;

  for (size_t i = 0; i < TAR_BLOCK; i++) {
    const bool own = i >= offsetof (struct header, chksum) &&
      i < offsetof (struct header, type);
    const unsigned char byte = own ? ' ' : bytes[i];

    plain += byte;
    with_sign += (signed char) byte;
  }
  if (parse_field (h->chksum, sizeof h->chksum, &wanted) == -1)
    return false;
  return (int64_t) wanted == plain || (int64_t) wanted == with_sign;
}

bool
tar_is_header (const unsigned char block[TAR_BLOCK])
{
  struct header h;

  memcpy (&h, block, sizeof h);
  return h.name[0] != '\0' && sum_is_right (&h);
}

static bool
is_zero (const struct header *h)
{
  static const struct header zero;

  return memcmp (h, &zero, sizeof zero) == 0;
}

static int
member_size (struct walk *w, const struct header *h, uint64_t *ret)
{
  if (parse_field (h->size, sizeof h->size, ret) == -1)
    return malformed (w, _("a size that is no number"));
  if (w->has_size)
    *ret = w->size;
  return 0;
}

/* Step over LENGTH bytes of data at DATA, padded to whole blocks.  The
 * padding of the last member may be missing.
 */
static int
step_over (struct walk *w, uint64_t data, uint64_t length)
{
  if (data > w->reader->size || length > w->reader->size - data) {
    error_set (w->err, REASON_READ,
               _("the tar file has %" PRIu64 " bytes, but the member at byte "
                 "%" PRIu64 " should have %" PRIu64),
               w->reader->size, w->offset, length);
    error_hint (w->err, _("the file is cut off or damaged: fetch it again"));
    return -1;
  }
  /* No overflow: the sum is at most the size of a file, which fits in 63
   * bits.
   */
  w->offset = data + (length + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
  return 0;
}

/* Read the data of an extension header, ended by a NUL byte. */
static char *
read_extension (struct walk *w, const struct header *h, size_t *len)
{
  const uint64_t data = w->offset + TAR_BLOCK;
  CLEANUP_FREE char *text = NULL;
  uint64_t size;

  if (parse_field (h->size, sizeof h->size, &size) == -1 ||
      size > EXTENSION_MAX) {
    malformed (w, _("an extension of an impossible size"));
    return NULL;
  }
  text = malloc (size + 1);
  if (text == NULL) {
    error_nomem (w->err);
    return NULL;
  }
  if (reader_pread (w->reader, text, size, data, w->err) == -1 ||
      step_over (w, data, size) == -1)
    return NULL;
  text[size] = '\0';
  *len = size;
  return STEAL (text);
}

static int
take_name (struct walk *w, const char *name, size_t len)
{
  free (w->name);
  w->name = NULL;
  if (memchr (name, '\0', len) != NULL)
    return malformed (w, _("a name with a NUL byte"));
  w->name = strndup (name, len);
  return w->name == NULL ? error_nomem (w->err) : 0;
}

static int
take_size (struct walk *w, const char *value, size_t len)
{
  w->size = 0;
  w->has_size = true;
  if (len == 0 || len > 18)
    return malformed (w, _("a size that is no number"));
  for (size_t i = 0; i < len; i++) {
    if (!isdigit ((unsigned char) value[i]))
      return malformed (w, _("a size that is no number"));
    w->size = w->size * 10 + (uint64_t) (value[i] - '0');
  }
  return 0;
}

/* One "key=value" of a pax header. */
static int
take_pax_record (struct walk *w, const char *key, size_t key_len,
                 const char *value, size_t len)
{
  static const char sparse[] = "GNU.sparse.";

#define KEY_IS(str) \
  (key_len == sizeof (str) - 1 && memcmp (key, str, key_len) == 0)
  if (key_len >= sizeof sparse - 1 &&
      memcmp (key, sparse, sizeof sparse - 1) == 0) {
    w->sparse = true;
    return KEY_IS ("GNU.sparse.name") ? take_name (w, value, len) : 0;
  }
  /* The name of a sparse member is in a record of its own. */
  if (KEY_IS ("path") && !(w->sparse && w->name != NULL))
    return take_name (w, value, len);
  if (KEY_IS ("size"))
    return take_size (w, value, len);
  return 0;
#undef KEY_IS
}

/* Records of the form "LENGTH key=value\n", LENGTH being the record's. */
static int
parse_pax (struct walk *w, const char *text, size_t len)
{
  while (len > 0) {
    const char *equals;
    char *key;
    unsigned long record;

    if (!isdigit ((unsigned char) *text))
      break;
    errno = 0;
    record = strtoul (text, &key, 10);
    if (errno != 0 || *key != ' ' || record > len ||
        (size_t) (++key - text) >= record || text[record - 1] != '\n')
      break;
    equals = memchr (key, '=', record - (size_t) (key - text));
    if (equals == NULL)
      break;
    if (take_pax_record (w, key, (size_t) (equals - key), equals + 1,
                         record - 1 - (size_t) (equals + 1 - text)) == -1)
      return -1;
    text += record;
    len -= record;
  }
  return len == 0 ? 0 : malformed (w, _("a bad pax record"));
}

static int
read_pax (struct walk *w, const struct header *h)
{
  size_t len;
  CLEANUP_FREE char *text = read_extension (w, h, &len);

  return text == NULL ? -1 : parse_pax (w, text, len);
}

static int
read_long_name (struct walk *w, const struct header *h)
{
  size_t len;
  CLEANUP_FREE char *text = read_extension (w, h, &len);

  return text == NULL ? -1 : take_name (w, text, strlen (text));
}

static int
skip_extension (struct walk *w, const struct header *h)
{
  size_t len;
  CLEANUP_FREE char *text = read_extension (w, h, &len);

  return text == NULL ? -1 : 0;
}

/* The member's plain name. */
static char *
member_name (struct walk *w, const struct header *h)
{
  char name[sizeof h->prefix + sizeof h->name + 2];

  if (w->name != NULL)
    return member_name_clean (w->name, w->err);
  if (memcmp (h->magic, "ustar", 6) == 0 && h->prefix[0] != '\0')
    snprintf (name, sizeof name, "%.*s/%.*s", (int) sizeof h->prefix,
              h->prefix, (int) sizeof h->name, h->name);
  else
    snprintf (name, sizeof name, "%.*s", (int) sizeof h->name, h->name);
  return member_name_clean (name, w->err);
}

static int
check_once (struct walk *w, const char *name)
{
  for (size_t i = 0; i < w->members->len; i++)
    if (strcmp (w->members->ptr[i].name, name) == 0)
      return error_set (w->err, REASON_UNTRUSTED_IMAGE,
                        _("the tar file holds '%s' twice"), name);
  return 0;
}

/* Where the data of a GNU sparse member begins: after further blocks of
 * its map.
 */
static int
skip_sparse_map (struct walk *w, const struct header *h, uint64_t *data)
{
  unsigned char block[TAR_BLOCK];
  bool more = ((const char *) h)[GNU_SPARSE_MORE] != '\0';

  for (unsigned n = 0; more; n++) {
    if (n == MEMBERS_MAX)
      return malformed (w, _("an endless sparse map"));
    if (reader_pread (w->reader, block, sizeof block, *data, w->err) == -1)
      return -1;
    *data += TAR_BLOCK;
    more = block[GNU_SPARSE_BLOCK_MORE] != '\0';
  }
  return 0;
}

static int
add_file (struct walk *w, const struct header *h)
{
  struct tar_member member = { .offset = w->offset + TAR_BLOCK,
                               .sparse = w->sparse || h->type == 'S' };
  CLEANUP_FREE char *name = member_name (w, h);

  if (name == NULL || check_once (w, name) == -1 ||
      member_size (w, h, &member.size) == -1)
    return -1;
  if (h->type == 'S' && skip_sparse_map (w, h, &member.offset) == -1)
    return -1;
  if (step_over (w, member.offset, member.size) == -1)
    return -1;
  member.name = name;
  if (tar_members_append (w->members, member) == -1)
    return error_nomem (w->err);
  STEAL (name);
  forget_extensions (w);
  return 0;
}

/* A directory has no data, whatever size its header gives. */
static int
skip_directory (struct walk *w)
{
  w->offset += TAR_BLOCK;
  forget_extensions (w);
  return 0;
}

static int
refuse_kind (struct walk *w, const struct header *h, const char *kind)
{
  CLEANUP_FREE char *name = member_name (w, h);

  if (name == NULL)
    return -1;
  return error_set (w->err, REASON_UNTRUSTED_IMAGE,
                    _("the tar file holds '%s', which is %s"), name, kind);
}

static bool
names_directory (const struct walk *w, const struct header *h)
{
  const char *name = w->name != NULL ? w->name : h->name;
  const size_t len = w->name != NULL ? strlen (name)
                                     : strnlen (name, sizeof h->name);

  return len > 0 && name[len - 1] == '/';
}

static int
read_member (struct walk *w, const struct header *h)
{
  switch (h->type) {
  case '0': case '\0': case '7':
    return names_directory (w, h) ? skip_directory (w) : add_file (w, h);
  case 'S':
    return add_file (w, h);
  case '5':
    return skip_directory (w);
  case 'x': case 'X':
    return read_pax (w, h);
  case 'L':
    return read_long_name (w, h);
  case 'K': case 'g': case 'V':
    return skip_extension (w, h);
  case '1': case '2':
    return refuse_kind (w, h, _("a link"));
  case '3': case '4': case '6':
    return refuse_kind (w, h, _("a device or a FIFO"));
  default:
    return refuse_kind (w, h, _("neither a file nor a directory"));
  }
}

int
tar_index (struct reader *reader, struct tar_members *ret,
           struct error *err)
{
  __attribute__ ((cleanup (cleanup_walk))) struct walk w =
    { .reader = reader, .members = ret, .err = err };
  struct header h;

  while (w.offset < reader->size && reader->size - w.offset >= sizeof h) {
    if (reader_pread (reader, &h, sizeof h, w.offset, err) == -1)
      return -1;
    if (is_zero (&h))
      break;
    if (!sum_is_right (&h))
      return malformed (&w, _("a wrong checksum"));
    if (++w.headers > MEMBERS_MAX)
      return error_set (err, REASON_UNTRUSTED_IMAGE,
                        _("the tar file has more than %d members"),
                        MEMBERS_MAX);
    if (read_member (&w, &h) == -1)
      return -1;
  }
  return 0;
}

void
tar_members_free (struct tar_members *list)
{
  for (size_t i = 0; i < list->len; i++)
    free (list->ptr[i].name);
  tar_members_reset (list);
}

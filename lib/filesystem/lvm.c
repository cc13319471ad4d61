/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the volume groups of a guest: physical volumes by their labels, and
 * for each group the text that all metadata areas of its physical volumes must
 * agree on.  Where anything does not fit, all of the group is in doubt.
 *
 * Texts are compared by their digests, and the one that counts is read again,
 * so that there is never more than one of them in memory.
 */

#include <config.h>

#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/i18n.h"
#include "filesystem/lvm.h"
#include "filesystem/lvm-group.h"
#include "filesystem/lvm-label.h"
#include "filesystem/lvm-settings.h"
#include "filesystem/lvm-text.h"
#include "io/reader.h"

/* A volume group, known by its UUID. */
struct found {
  char uuid[LVM_UUID_LEN];
  char *name;
  uint64_t seqno;
  char digest[DIGEST_HEX_MAX];  /* of the section in the text */
  const struct lvm_pv *pv;      /* where that was read */
  struct range area;
  char *why_not;                /* a doubt about it, or NULL */
};
DEFINE_VECTOR (struct founds, founds, struct found);

struct search {
  struct reader *const *disks;
  struct lvm_members members;
  struct founds groups;
  struct error *err;
};

/* A text while it is looked at. */
struct document {
  char *bytes;                  /* NULL: there was none */
  bool ignored;                 /* it does not count that there was none */
  struct lvm_text text;
  struct lvm_group group;       /* node is NULL: none */
  char *why_not;
};

static void
document_reset (struct document *document)
{
  free (document->bytes);
  lvm_text_reset (&document->text);
  free (document->why_not);
}

#define CLEANUP_DOCUMENT __attribute__ ((cleanup (document_reset)))

/*--- Physical volumes. ---*/

static struct reader *
open_pv (const struct search *s, const struct lvm_pv *pv)
{
  return reader_part_new (s->disks[pv->disk], pv->offset, pv->size, s->err);
}

static int
compare_members (const void *a, const void *b)
{
  const struct lvm_member *x = a, *y = b;
  const int order = memcmp (x->label.uuid, y->label.uuid, LVM_UUID_LEN);

  return order != 0 ? order : (x->pv > y->pv) - (x->pv < y->pv);
}

static bool
overlap (const struct lvm_pv *a, const struct lvm_pv *b)
{
  return a->disk == b->disk && a->offset < b->offset + b->size &&
    b->offset < a->offset + a->size;
}

static int
compare_pair (struct search *s, struct lvm_member *a, struct lvm_member *b)
{
  const bool twins = a->label.size != 0 && b->label.size != 0 &&
    memcmp (a->label.uuid, b->label.uuid, LVM_UUID_LEN) == 0;

  if (twins &&
      (lvm_doubt (&a->why_not, s->err, _("%s is a copy of it, with the "
                                         "same UUID"),
                  b->pv->name) == -1 ||
       lvm_doubt (&b->why_not, s->err, _("%s is a copy of it, with the "
                                         "same UUID"),
                  a->pv->name) == -1))
    return -1;
  if (overlap (a->pv, b->pv) &&
      (lvm_doubt (&a->why_not, s->err, _("%s overlaps it"),
                  b->pv->name) == -1 ||
       lvm_doubt (&b->why_not, s->err, _("%s overlaps it"),
                  a->pv->name) == -1))
    return -1;
  return 0;
}

static int
read_labels (struct search *s, const struct lvm_pv *pvs)
{
  struct lvm_members *members = &s->members;

  for (size_t i = 0; i < members->n; i++) {
    struct lvm_member *member = &members->ptr[i];
    CLEANUP_READER struct reader *reader = open_pv (s, &pvs[i]);

    member->pv = &pvs[i];
    if (reader == NULL ||
        lvm_label_read (reader, &member->label, &member->why_not,
                        s->err) == -1)
      return -1;
  }
  for (size_t i = 0; i < members->n; i++)
    for (size_t j = 0; j < i; j++)
      if (compare_pair (s, &members->ptr[j], &members->ptr[i]) == -1)
        return -1;
  qsort (members->ptr, members->n, sizeof *members->ptr, compare_members);
  return 0;
}

/*--- Their texts. ---*/

static int
read_document (const struct search *s, const struct lvm_pv *pv,
               struct range area, struct document *ret)
{
  CLEANUP_READER struct reader *reader = open_pv (s, pv);
  size_t len;

  if (reader == NULL ||
      lvm_area_read (reader, area, &ret->bytes, &len, &ret->ignored,
                     &ret->why_not, s->err) == -1)
    return -1;
  if (ret->bytes == NULL)
    return 0;
  if (lvm_text_parse (ret->bytes, len, &ret->text, &ret->why_not,
                      s->err) == -1)
    return -1;
  return ret->why_not != NULL ? 0
    : lvm_group_open (&ret->text, &ret->group, &ret->why_not, s->err);
}

static int
digest_group (const struct search *s, const struct lvm_group *group,
              char digest[DIGEST_HEX_MAX])
{
  return digest_of (group->node->text.ptr, group->node->text.len,
                    DIGEST_SHA256, digest, s->err);
}

/* The index of the group with the UUID; the number of groups: none. */
static size_t
find_group (const struct search *s, const char uuid[LVM_UUID_LEN])
{
  size_t i = 0;

  while (i < s->groups.len &&
         memcmp (s->groups.ptr[i].uuid, uuid, LVM_UUID_LEN) != 0)
    i++;
  return i;
}

static int
add_group (struct search *s, const struct lvm_group *group,
           const struct lvm_pv *pv, struct range area)
{
  const struct lvm_slice name = group->node->name;
  struct found found = {
    .seqno = group->seqno, .pv = pv, .area = area,
  };

  memcpy (found.uuid, group->uuid, LVM_UUID_LEN);
  if (digest_group (s, group, found.digest) == -1)
    return -1;
  found.name = format (s->err, "%.*s", (int) name.len, name.ptr);
  if (found.name == NULL)
    return -1;
  if (founds_append (&s->groups, found) == 0)
    return 0;
  free (found.name);
  return error_nomem (s->err);
}

/* The group was found before: it must be the same to the letter. */
static int
compare_group (struct search *s, const struct lvm_group *group, size_t i)
{
  struct found *const found = &s->groups.ptr[i];
  char digest[DIGEST_HEX_MAX];

  if (digest_group (s, group, digest) == -1)
    return -1;
  if (group->seqno != found->seqno)
    return lvm_doubt (&found->why_not, s->err,
                      _("its physical volumes have metadata with different "
                        "sequence numbers"));
  if (strcmp (digest, found->digest) != 0)
    return lvm_doubt (&found->why_not, s->err,
                      _("its physical volumes have different metadata"));
  return 0;
}

/* MEMBER is in the group I. */
static int
join (struct search *s, struct lvm_member *member, size_t i)
{
  const size_t other = member->group;

  if (other == 0)
    member->group = i + 1;
  if (other == 0 || other == i + 1)
    return 0;
  if (lvm_doubt (&s->groups.ptr[i].why_not, s->err,
                 _("%s is also in another volume group"),
                 member->pv->name) == -1)
    return -1;
  return lvm_doubt (&s->groups.ptr[other - 1].why_not, s->err,
                    _("%s is also in another volume group"), member->pv->name);
}

/* All that the metadata of the group I, found on MEMBER, list are in it, and
 * MEMBER must be one of them.
 */
static int
join_all (struct search *s, const struct lvm_group *group,
          struct lvm_member *member, size_t i)
{
  bool listed = false;
  char uuid[LVM_UUID_LEN];

  if (join (s, member, i) == -1)
    return -1;
  for (size_t k = 0; k < group->n_pvs; k++) {
    struct lvm_member *other =
      lvm_get_uuid (group->text, group->pvs[k], "id", uuid)
      ? lvm_members_find (&s->members, uuid) : NULL;

    if (other == NULL)
      continue;
    listed = listed || other == member;
    if (join (s, other, i) == -1)
      return -1;
  }
  return listed || member->why_not != NULL ? 0
    : lvm_doubt (&s->groups.ptr[i].why_not, s->err,
                 _("%s has its metadata, but is not listed in it"),
                 member->pv->name);
}

/* The text in one area of MEMBER. */
static int
read_area (struct search *s, struct lvm_member *member, struct range area)
{
  CLEANUP_DOCUMENT struct document document = { .bytes = NULL };
  const struct lvm_group *group = &document.group;
  size_t i;

  if (read_document (s, member->pv, area, &document) == -1)
    return -1;
  if (group->node == NULL)
    return document.ignored ? 0
      : lvm_doubt (&member->why_not, s->err, "%s", document.why_not != NULL
                   ? document.why_not
                   : _("its metadata says that it is in no volume group"));
  i = find_group (s, group->uuid);
  if ((i == s->groups.len ? add_group (s, group, member->pv, area)
       : compare_group (s, group, i)) == -1)
    return -1;
  if (s->groups.ptr[i].why_not == NULL)
    s->groups.ptr[i].why_not = STEAL (document.why_not);
  return join_all (s, group, member, i);
}

/* A doubt about a physical volume is one about its group. */
static int
pass_doubts (struct search *s)
{
  for (size_t i = 0; i < s->members.n; i++) {
    const struct lvm_member *member = &s->members.ptr[i];

    if (member->group != 0 && member->why_not != NULL &&
        lvm_doubt (&s->groups.ptr[member->group - 1].why_not, s->err,
                   _("%s: %s"), member->pv->name, member->why_not) == -1)
      return -1;
  }
  return 0;
}

static int
read_areas (struct search *s)
{
  for (size_t i = 0; i < s->members.n; i++) {
    struct lvm_member *member = &s->members.ptr[i];

    for (size_t k = 0; k < member->label.n_areas; k++)
      if (read_area (s, member, member->label.areas[k]) == -1) {
        error_wrap (s->err, "%s", member->pv->name);
        return -1;
      }
  }
  return pass_doubts (s);
}

/*--- What is on them. ---*/

static int
read_group (struct search *s, struct found *found, struct lvm_volumes *ret)
{
  CLEANUP_DOCUMENT struct document document = { .bytes = NULL };
  const struct lvm_group *group = &document.group;
  char digest[DIGEST_HEX_MAX];

  if (read_document (s, found->pv, found->area, &document) == -1)
    return -1;
  if (group->node == NULL || document.why_not != NULL)
    return lvm_doubt (&found->why_not, s->err,
                      _("its metadata changed while it was read"));
  if (digest_group (s, group, digest) == -1)
    return -1;
  if (strcmp (digest, found->digest) != 0)
    return lvm_doubt (&found->why_not, s->err,
                      _("its metadata changed while it was read"));
  return lvm_group_volumes (group, &s->members, s->disks, ret,
                            &found->why_not, s->err);
}

/* A physical volume, all of which counts as used. */
static int
append_member (const struct search *s, struct lvm_member *member,
               struct lvm_volumes *ret)
{
  const struct found *group = member->group != 0
    ? &s->groups.ptr[member->group - 1] : NULL;
  struct lvm_volume new = {
    .kind = "LVM2_member", .disk = member->pv->disk, .size = member->pv->size,
  };

  if (group != NULL && group->why_not == NULL)
    return 0;
  new.name = alloc_copy (member->pv->name, s->err);
  if (new.name == NULL)
    return -1;
  new.why_not = group != NULL
    ? format (s->err, _("volume group %s: %s"), group->name, group->why_not)
    : alloc_copy (member->why_not != NULL ? member->why_not
                  : _("it is in no known volume group"), s->err);
  if (new.why_not != NULL && lvm_volumes_append (ret, new) == 0)
    return 0;
  lvm_volume_reset (&new);
  return error_nomem (s->err);
}

static int
compare_volumes (const void *a, const void *b)
{
  const struct lvm_volume *x = a, *y = b;

  return x->disk != y->disk ? (x->disk < y->disk ? -1 : 1)
    : strcmp (x->name, y->name);
}

static int
find (struct search *s, const struct lvm_pv *pvs, struct lvm_volumes *ret)
{
  if (read_labels (s, pvs) == -1 || read_areas (s) == -1)
    return -1;
  for (size_t i = 0; i < s->groups.len; i++)
    if (s->groups.ptr[i].why_not == NULL &&
        read_group (s, &s->groups.ptr[i], ret) == -1)
      return -1;
  for (size_t i = 0; i < s->members.n; i++)
    if (append_member (s, &s->members.ptr[i], ret) == -1)
      return -1;
  qsort (ret->ptr, ret->len, sizeof *ret->ptr, compare_volumes);
  return 0;
}

int
lvm_find (struct reader *const *disks, const struct lvm_pv *pvs, size_t n,
          struct lvm_volumes *ret, struct error *err)
{
  struct search s = { .disks = disks, .members.n = n, .err = err };
  int result;

  *ret = (struct lvm_volumes) { .ptr = NULL };
  if (n == 0)
    return 0;
  s.members.ptr = alloc_zero (n * sizeof *s.members.ptr, err);
  if (s.members.ptr == NULL)
    return -1;
  result = find (&s, pvs, ret);
  for (size_t i = 0; i < n; i++)
    free (s.members.ptr[i].why_not);
  free (s.members.ptr);
  for (size_t i = 0; i < s.groups.len; i++) {
    free (s.groups.ptr[i].name);
    free (s.groups.ptr[i].why_not);
  }
  founds_reset (&s.groups);
  if (result == -1)
    lvm_release (ret);
  return result;
}

void
lvm_volume_reset (struct lvm_volume *volume)
{
  free (volume->name);
  reader_free (volume->reader);
  free (volume->why_not);
  *volume = (struct lvm_volume) { .name = NULL };
}

void
lvm_release (struct lvm_volumes *volumes)
{
  for (size_t i = 0; i < volumes->len; i++)
    lvm_volume_reset (&volumes->ptr[i]);
  lvm_volumes_reset (volumes);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Elements of an OVF by the IDs in their attributes, which are looked at once:
 * with as many items as Disk elements a search of all for each would take
 * their product.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "input/ova/ovf-reading.h"

void
ovf_index_free (struct ovf_index *index)
{
  for (size_t i = 0; i < index->entries.len; i++)
    free (index->entries.ptr[i].id);
  ovf_entries_reset (&index->entries);
  index->filled = false;
}

/* By the ID, then in the order of the document. */
static int
compare (const void *a, const void *b)
{
  const struct ovf_entry *x = a, *y = b;
  const int r = strcmp (x->id, y->id);

  return r != 0 ? r : (x->number > y->number) - (x->number < y->number);
}

static void
fill (struct ovf_reading *r, struct ovf_index *index, const char *expr,
      const char *id)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  struct ovf_entries *entries = &index->entries;

  index->filled = true;
  xml_find_all (r->xml, xml_root (r->xml), expr, &nodes, r->err);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++) {
    const struct ovf_entry entry = {
      .id = ovf_text (r, nodes.ptr[i], id), .number = i,
      .node = nodes.ptr[i],
    };

    if (entry.id != NULL && ovf_entries_append (entries, entry) == -1) {
      free (entry.id);
      error_nomem (r->err);
    }
  }
  if (entries->len > 0)
    qsort (entries->ptr, entries->len, sizeof entries->ptr[0], compare);
}

const struct xml_node *
ovf_index_find (struct ovf_reading *r, struct ovf_index *index,
                const char *expr, const char *id, const char *value)
{
  size_t low = 0, high;

  if (!index->filled)
    fill (r, index, expr, id);
  high = index->entries.len;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;

    if (strcmp (index->entries.ptr[middle].id, value) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return low < index->entries.len &&
    strcmp (index->entries.ptr[low].id, value) == 0
    ? index->entries.ptr[low].node : NULL;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is wrong with a list of changed extents, and what to do. */

#include <config.h>

#include "base/error.h"
#include "base/i18n.h"
#include "transfer/extent-list-internal.h"

void
extent_list_refuse (struct extent_list *list, const char *what, size_t number,
                    const char *key, const char *why)
{
  error_set (list->err, REASON_USAGE, "%s: %s %zu: \"%s\" %s", list->name,
             what, number, key, why);
}

void
extent_list_hint (struct extent_list *list)
{
  error_hint (list->err,
              _("a list of extents is [{\"start\":N,\"length\":N},...] in "
                "bytes, what vSphere's QueryChangedDiskAreas returns (in "
                "PowerShell: ConvertTo-Json -Depth 5), or what nbdinfo "
                "--map=qemu:dirty-bitmap:NAME --json prints"));
}

/* The answer may say itself why it is none. */
void
extent_list_refuse_other (struct extent_list *list)
{
  if (error_is_set (list->err))
    return;
  if (list->fault[0] != '\0') {
    error_set (list->err, REASON_USAGE,
               _("%s holds an error of the server, not a list of extents: "
                 "%s"),
               list->name, list->fault);
    error_hint (list->err, _("the call of QueryChangedDiskAreas failed: "
                             "remove the cause, and call it again"));
    return;
  }
  error_set (list->err, REASON_USAGE,
             _("%s: after extent %zu: neither an extent nor a page of "
               "QueryChangedDiskAreas"), list->name, list->extents);
  extent_list_hint (list);
}

static void
hint_bitmap (struct extent_list *list)
{
  error_hint (list->err,
              _("use --changed-extents nbd:qemu:dirty-bitmap:NAME, which "
                "reads the bitmap from the source, or the list that nbdinfo "
                "--map=qemu:dirty-bitmap:NAME --json URI prints"));
}

/* qemu-img map tells where data are.  Of a bitmap (x-dirty-bitmap) it does so
 * with "data" false for what is dirty: taken as a list of changes either
 * would leave out what matters.
 */
void
extent_list_refuse_qemu_map (struct extent_list *list)
{
  error_set (list->err, REASON_USAGE,
             _("%s: this is what qemu-img map prints: of a disk it lists what "
               "is allocated, and of a dirty bitmap it says \"data\": false "
               "for what has changed"), list->name);
  hint_bitmap (list);
}

void
extent_list_refuse_map (struct extent_list *list)
{
  if (error_is_set (list->err))
    return;
  error_set (list->err, REASON_USAGE,
             _("%s: extent %zu: this map does not say what has changed: it "
               "is not that of a dirty bitmap, which has \"clean\" and "
               "\"dirty\""), list->name, list->extents);
  hint_bitmap (list);
}

/* In the place of areas only "nothing" may stand.  PowerShell's ConvertTo-Json
 * writes the names of classes for what is deeper than two objects.
 */
void
extent_list_refuse_area (struct extent_list *list)
{
  extent_list_refuse (list, _("page"), list->n_pages + 1, "changedArea",
                      _("is not an array"));
  error_hint (list->err, _("PowerShell cuts off what is deeper than two "
                           "objects: use ConvertTo-Json -Depth 5"));
}

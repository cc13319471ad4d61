/* SPDX-License-Identifier: GPL-2.0-or-later */

/* qemu-img and nbdcopy have the target behind the source, where it is one more
 * SOURCE here.
 */

#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "base/visible.h"
#include "options.h"
#include "target-hint.h"

static const char *
name_in (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

/* Whatever exists is never suggested as a target. */
static bool
may_be_target (const char *source)
{
  const char *name = name_in (source);

  return *name != '\0' && *name != '.' && strstr (source, "://") == NULL &&
    suggest_printable (source) && access (source, F_OK) == -1 &&
    errno == ENOENT;
}

bool
target_hint (const struct options *options, struct error *err)
{
  const struct argv *sources = &options->sources;
  const char *target = sources->ptr[sources->len - 1];
  const char *name = name_in (target), *dot = strrchr (name, '.');
  const size_t stem_len = dot != NULL ? (size_t) (dot - name) : strlen (name);
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *dir = NULL, *stem = NULL;
  CLEANUP_FREE char *quoted_dir = NULL, *quoted_stem = NULL;
  CLEANUP_FREE char *quoted = shell_quoted (target, &ignored);
  const char *format_option =
    dot != NULL && strcmp (dot, ".qcow2") == 0 ? " -of qcow2" : "";

  if (strcmp (options->input_mode, "disk") != 0 || sources->len < 2 ||
      !may_be_target (target))
    return false;
  /* The name is that of one file. */
  if (sources->len == 2 && quoted != NULL) {
    error_hint (err, _("%s is not there to be read; to write it, replace it "
                       "by: -o disk -oo file=%s%s"), target, quoted,
                format_option);
    return true;
  }
  dir = name == target ? alloc_copy (".", &ignored)
    : format (&ignored, "%.*s", (int) (name - target), target);
  stem = format (&ignored, "%.*s", (int) stem_len, name);
  if (dir != NULL && stem != NULL) {
    quoted_dir = shell_quoted (dir, &ignored);
    quoted_stem = shell_quoted (stem, &ignored);
  }
  if (quoted_dir == NULL || quoted_stem == NULL)
    return false;
  error_hint (err, _("%s is not there to be read; to write it, replace it by: "
                     "-o disk -os %s -on %s%s"), target, quoted_dir,
              quoted_stem, format_option);
  return true;
}

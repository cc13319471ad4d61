/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Finds the reason in what qemu's programs print: it is not always in the
 * first line, nor in the last.
 */

#include <config.h>

#include <string.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "qemu/qemu-words.h"

/* More lines than these say nothing new. */
#define DETAIL_MAX 8

/* The words of qemu's nbd/server.c, in all versions. */
#define CANNOT_READ "reading from file failed"

/* Where in TEXT qemu-img itself says what is wrong: the lines before are of
 * modules that are not installed, which may be none of its business, and
 * warnings.
 */
static const char *
find_reason (const char *text)
{
  static const char own[] = "qemu-img: ", warning[] = "qemu-img: warning: ";

  for (const char *line = text; line != NULL; line = strchr (line, '\n')) {
    line += *line == '\n';
    if (strncmp (line, own, strlen (own)) == 0 &&
        strncmp (line, warning, strlen (warning)) != 0)
      return line;
  }
  return text;
}

static void
add_lines (const char *text, struct error *err)
{
  for (unsigned i = 0; i < DETAIL_MAX && *text != '\0'; i++) {
    const size_t len = strcspn (text, "\n");
    CLEANUP_FREE char *line = strndup (text, len);

    if (line != NULL && len > 0)
      error_detail (err, line);
    text += len + (text[len] == '\n');
  }
}

bool
qemu_words_of_img (const char *what, const char *text, enum reason reason,
                   struct error *err)
{
  const char *why = find_reason (text);
  const int len = (int) strcspn (why, "\n");

  if (len == 0)
    return false;
  error_set (err, reason, "%s: %.*s", what, len, why);
  add_lines (why, err);
  return true;
}

/* The last of LINES that has WORDS, or NULL. */
static const char *
find_line (const struct argv *lines, const char *words)
{
  for (size_t i = lines->len; i-- > 0;)
    if (strstr (lines->ptr[i], words) != NULL)
      return lines->ptr[i];
  return NULL;
}

bool
qemu_words_of_read (const struct argv *lines)
{
  return find_line (lines, CANNOT_READ) != NULL;
}

/* The error of a read is only a number; why it had to fail is what qemu has
 * warned of before.
 */
void
qemu_words_explain_read (const struct argv *lines, enum reason reason,
                         struct error *err)
{
  CLEANUP_ERROR struct error seen = ERROR_INIT;
  const char *why = find_line (lines, ": warning: ");

  if (why == NULL)
    why = find_line (lines, CANNOT_READ);
  error_move (&seen, err);
  error_set (err, reason, _("qemu cannot read the image: %s"),
             why != NULL ? why : "");
  err->disk = seen.disk;
  if (seen.message != NULL)
    error_detail (err, seen.message);
  error_details (err, lines);
  /* In the words of 7.2, and of 10.0. */
  if (find_line (lines, "do you want to install") != NULL ||
      find_line (lines, "module is missing") != NULL)
    error_hint (err, _("install the missing qemu driver: apt install "
                       "qemu-block-extra (Debian), dnf install "
                       "qemu-block-dmg (Fedora)"));
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of strings made, looked through, and printed for a shell.  Running
 * them is io/subprocess.c's.
 */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/error.h"
#include "base/memstream.h"
#include "base/visible.h"

int
argv_take (struct argv *list, char *str, struct error *err)
{
  return argv_ptrs_take (list, str) == -1 ? error_nomem (err) : 0;
}

int
argv_append (struct argv *list, const char *str, struct error *err)
{
  return argv_take (list, strdup (str), err);
}

int
argv_appendf (struct argv *list, struct error *err, const char *fmt, ...)
{
  va_list args;
  char *str;

  va_start (args, fmt);
  str = vformat (err, fmt, args);
  va_end (args);
  return argv_take (list, str, err);
}

int
argv_append_array (struct argv *list, const char *const *array,
                   struct error *err)
{
  for (; *array != NULL; array++)
    if (argv_append (list, *array, err) == -1)
      return -1;
  return 0;
}

char *const *
argv_array (struct argv *list, struct error *err)
{
  if (argv_ptrs_append (list, NULL) == -1) {
    error_nomem (err);
    return NULL;
  }
  list->len--;                  /* the NULL ends the array, not the list */
  return list->ptr;
}

bool
argv_contains (const struct argv *list, const char *str)
{
  for (size_t i = 0; i < list->len; i++)
    if (strcmp (list->ptr[i], str) == 0)
      return true;
  return false;
}

const char *
key_value (const char *str, const char *key)
{
  const size_t len = strlen (key);

  return strncmp (str, key, len) == 0 && str[len] == '=' ? str + len + 1
                                                         : NULL;
}

const char *
argv_value (const struct argv *list, const char *key)
{
  const char *value = NULL;

  for (size_t i = list == NULL ? 0 : list->len; value == NULL && i > 0; i--)
    value = key_value (list->ptr[i-1], key);
  return value;
}

char *
shell_command (const struct argv *env, const struct argv *argv)
{
  return shell_command_reading (env, argv, NULL);
}

void
shell_print_files (FILE *fp, const struct argv *files)
{
  for (size_t i = 0; files != NULL && i < files->len; i++) {
    const int len = (int) strcspn (files->ptr[i], "=");

    fprintf (fp, " %.*s<", len, files->ptr[i]);
    shell_quote (fp, files->ptr[i] + len + 1);
  }
}

char *
shell_command_reading (const struct argv *env, const struct argv *argv,
                       const struct argv *files)
{
  char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  if (fp == NULL)
    return NULL;
  for (size_t i = 0; env != NULL && i < env->len; i++) {
    shell_quote (fp, env->ptr[i]);
    putc (' ', fp);
  }
  for (size_t i = 0; i < argv->len; i++) {
    if (i > 0)
      putc (' ', fp);
    shell_quote (fp, argv->ptr[i]);
  }
  shell_print_files (fp, files);
  memstream_close (fp, &text);
  return text;
}

char *
escape_doubled (const char *str, char c, struct error *err)
{
  char *ret = alloc_zero (2 * strlen (str) + 1, err), *to = ret;

  for (; ret != NULL && *str != '\0'; str++) {
    if (*str == c)
      *to++ = c;
    *to++ = *str;
  }
  return ret;
}

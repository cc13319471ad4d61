/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An nbdkit command line as a value: building it, printing it for a shell,
 * and making an argument list of it.  What belongs on it is decided in
 * launch/plan.c and by the sources; nbdkit/server.c runs it.
 */

#include <config.h>

#include <stdarg.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/local-file.h"
#include "base/secret.h"
#include "base/uri.h"
#include "base/vector.h"
#include "base/visible.h"
#include "io/leftover.h"
#include "nbdkit/cmd.h"

/* Takes TEXT and FILE, of which FILE may be NULL. */
static void
append_arg (struct nbdkit_cmd *cmd, struct args *args, char *text, char *file)
{
  if (!error_is_set (&cmd->failed) && text != NULL &&
      args_append (args, (struct arg) { .text = text, .file = file }) == 0)
    return;
  free (text);
  free (file);
  error_nomem (&cmd->failed);
}

/* The name of one of the command's files: its own name and SUFFIX. */
static char *
own_file (struct nbdkit_cmd *cmd, const char *suffix)
{
  return format (&cmd->failed, "%s%s", cmd->name, suffix);
}

static void
append_word (struct nbdkit_cmd *cmd, struct args *args, const char *word)
{
  append_arg (cmd, args, strdup (word), NULL);
}

static void
option_in_dir (struct nbdkit_cmd *cmd, const char *option, const char *suffix)
{
  append_word (cmd, &cmd->words, option);
  append_arg (cmd, &cmd->words, strdup (""), own_file (cmd, suffix));
}

struct nbdkit_cmd *
nbdkit_cmd_new (const char *binary, const char *name, struct error *err)
{
  struct nbdkit_cmd *cmd = alloc_zero (sizeof *cmd, err);

  if (cmd == NULL)
    return NULL;
  cmd->name = alloc_copy (name, err);
  if (cmd->name == NULL) {
    nbdkit_cmd_free (cmd);
    return NULL;
  }
  /* nbdkit's messages are matched and quoted: no translated ones. */
  nbdkit_cmd_env (cmd, "LANG=C");
  append_word (cmd, &cmd->words, binary);
  nbdkit_cmd_option (cmd, "--readonly", NULL);
  nbdkit_cmd_option (cmd, "--foreground", NULL);
  nbdkit_cmd_option (cmd, "--exit-with-parent", NULL);
  nbdkit_cmd_option (cmd, "--threads", "16");
  option_in_dir (cmd, "--pidfile", ".pid");
  option_in_dir (cmd, "--unix", "");
  return cmd;
}

static void
free_args (struct args *args)
{
  for (size_t i = 0; i < args->len; i++) {
    free (args->ptr[i].text);
    free (args->ptr[i].file);
  }
  args_reset (args);
}

void
nbdkit_cmd_free (struct nbdkit_cmd *cmd)
{
  if (cmd == NULL)
    return;
  for (size_t i = 0; i < cmd->secrets.len; i++) {
    free (cmd->secrets.ptr[i].file);
    secret_free (cmd->secrets.ptr[i].secret);
  }
  secret_files_reset (&cmd->secrets);
  redact_reset (&cmd->hidden);
  confine_reset (&cmd->files);
  free (cmd->unconfined);
  free_args (&cmd->words);
  free_args (&cmd->params);
  cmd_files_reset (&cmd->reads);
  argv_reset (&cmd->descriptors);
  argv_reset (&cmd->env);
  argv_reset (&cmd->filters);
  error_reset (&cmd->failed);
  free (cmd->name);
  free (cmd);
}

void
nbdkit_cmd_env (struct nbdkit_cmd *cmd, const char *setting)
{
  argv_append (&cmd->env, setting, &cmd->failed);
}

void
nbdkit_cmd_option (struct nbdkit_cmd *cmd, const char *option,
                   const char *value)
{
  append_word (cmd, &cmd->words, option);
  if (value != NULL)
    append_word (cmd, &cmd->words, value);
}

void
nbdkit_cmd_filter (struct nbdkit_cmd *cmd, const char *filter)
{
  nbdkit_cmd_option (cmd, "--filter", filter);
  argv_append (&cmd->filters, filter, &cmd->failed);
}

void
nbdkit_cmd_plugin (struct nbdkit_cmd *cmd, const char *plugin)
{
  append_word (cmd, &cmd->words, plugin);
}

void
nbdkit_cmd_param (struct nbdkit_cmd *cmd, const char *key, const char *value)
{
  nbdkit_cmd_paramf (cmd, key, "%s", value);
}

void
nbdkit_cmd_paramf (struct nbdkit_cmd *cmd, const char *key,
                   const char *fmt, ...)
{
  CLEANUP_FREE char *value = NULL;
  va_list args;

  va_start (args, fmt);
  value = vformat (&cmd->failed, fmt, args);
  va_end (args);
  if (value != NULL)
    append_arg (cmd, &cmd->params, format (&cmd->failed, "%s=%s", key, value),
                NULL);
}

void
nbdkit_cmd_raw_param (struct nbdkit_cmd *cmd, const char *param)
{
  append_word (cmd, &cmd->params, param);
}

static void
add_file (struct nbdkit_cmd *cmd, const struct local_file *file, bool passed)
{
  const struct cmd_file added = { .file = file, .passed = passed };

  if (cmd_files_append (&cmd->reads, added) == -1)
    error_nomem (&cmd->failed);
}

void
nbdkit_cmd_fd_param (struct nbdkit_cmd *cmd, const char *key,
                     const char *path, const struct local_file *file)
{
  const size_t fd = NBDKIT_CMD_FIRST_FD + cmd->descriptors.len;

  nbdkit_cmd_paramf (cmd, key, "%zu", fd);
  argv_appendf (&cmd->descriptors, &cmd->failed, "%zu=%s", fd, path);
  add_file (cmd, file, true);
}

void
nbdkit_cmd_opens (struct nbdkit_cmd *cmd, const struct local_file *file)
{
  add_file (cmd, file, false);
  confine_fd (&cmd->files, file->fd, CONFINE_READ, &cmd->failed);
}

void
nbdkit_cmd_secret_file (struct nbdkit_cmd *cmd, const char *suffix,
                        const struct secret *secret)
{
  struct secret_file file = {
    .file = own_file (cmd, suffix),
    .secret = secret_copy (secret, &cmd->failed),
  };

  if (!error_is_set (&cmd->failed) &&
      secret_files_append (&cmd->secrets, file) == 0) {
    nbdkit_cmd_hide (cmd, secret_reveal (secret));
    return;
  }
  free (file.file);
  secret_free (file.secret);
  error_nomem (&cmd->failed);
}

void
nbdkit_cmd_hide (struct nbdkit_cmd *cmd, const char *text)
{
  redact_add (&cmd->hidden, text, &cmd->failed);
}

void
nbdkit_cmd_hide_login (struct nbdkit_cmd *cmd, const char *user,
                       const struct secret *password)
{
  nbdkit_cmd_hide (cmd, secret_reveal (password));
  redact_add_login (&cmd->hidden, user, secret_reveal (password),
                    &cmd->failed);
}

void
nbdkit_cmd_secret_param (struct nbdkit_cmd *cmd, const char *key,
                         const char *prefix, const struct secret *secret)
{
  CLEANUP_FREE char *suffix = format (&cmd->failed, ".%s", key);

  if (suffix == NULL)
    return;
  nbdkit_cmd_secret_file (cmd, suffix, secret);
  append_arg (cmd, &cmd->params,
              format (&cmd->failed, "%s=%s", key, prefix),
              own_file (cmd, suffix));
}

/* nbdkit's mark of a file with parameters. */
#define HIDDEN "@"

static struct secret *
hidden_line (struct nbdkit_cmd *cmd, const char *key, const char *value)
{
  char *line = format (&cmd->failed, "%s=%s", key, value);
  struct secret *ret = line == NULL ? NULL
    : secret_new (line, strlen (line), &cmd->failed);

  if (line != NULL)
    explicit_bzero (line, strlen (line));
  free (line);
  return ret;
}

void
nbdkit_cmd_hidden_param (struct nbdkit_cmd *cmd, const char *key,
                         const char *value)
{
  CLEANUP_FREE char *suffix = format (&cmd->failed, ".%s", key);
  struct secret *line = hidden_line (cmd, key, value);

  if (suffix != NULL && line != NULL) {
    nbdkit_cmd_secret_file (cmd, suffix, line);
    append_arg (cmd, &cmd->params, strdup (HIDDEN), own_file (cmd, suffix));
  }
  secret_free (line);
}

static void
drop_secret (struct nbdkit_cmd *cmd, const char *name)
{
  size_t kept = 0;

  for (size_t i = 0; i < cmd->secrets.len; i++) {
    struct secret_file *file = &cmd->secrets.ptr[i];

    if (strcmp (file->file, name) == 0) {
      free (file->file);
      secret_free (file->secret);
    } else
      cmd->secrets.ptr[kept++] = *file;
  }
  cmd->secrets.len = kept;
}

/* Is ARG's parameter, whose value is hidden, called KEY? */
static bool
is_hidden_param (const struct arg *arg, const char *key)
{
  const char *suffix = arg->file != NULL && strcmp (arg->text, HIDDEN) == 0
    ? strrchr (arg->file, '.') : NULL;

  return suffix != NULL && strcmp (suffix + 1, key) == 0;
}

static bool
is_param (const struct arg *arg, const char *key)
{
  const size_t len = strlen (key);

  return is_hidden_param (arg, key) ||
    (strncmp (arg->text, key, len) == 0 && arg->text[len] == '=');
}

static void
set_secret (struct nbdkit_cmd *cmd, const char *name, struct secret *secret)
{
  for (size_t i = 0; i < cmd->secrets.len; i++)
    if (strcmp (cmd->secrets.ptr[i].file, name) == 0) {
      secret_free (cmd->secrets.ptr[i].secret);
      cmd->secrets.ptr[i].secret = secret;
      return;
    }
  secret_free (secret);
}

static void
set_arg (struct nbdkit_cmd *cmd, struct arg *arg, const char *key,
         const char *value)
{
  if (is_hidden_param (arg, key)) {
    struct secret *line = hidden_line (cmd, key, value);

    if (line != NULL)
      set_secret (cmd, arg->file, line);
  } else {
    char *text = format (&cmd->failed, "%s=%s", key, value);

    if (text == NULL)
      return;
    free (arg->text);
    arg->text = text;
  }
}

void
nbdkit_cmd_set_param (struct nbdkit_cmd *cmd, const char *key,
                      const char *value)
{
  for (size_t i = 0; i < cmd->params.len; i++)
    if (is_param (&cmd->params.ptr[i], key))
      set_arg (cmd, &cmd->params.ptr[i], key, value);
}

void
nbdkit_cmd_drop_param (struct nbdkit_cmd *cmd, const char *key)
{
  size_t kept = 0;

  for (size_t i = 0; i < cmd->params.len; i++) {
    struct arg *arg = &cmd->params.ptr[i];

    if (is_param (arg, key)) {
      if (arg->file != NULL)
        drop_secret (cmd, arg->file);
      free (arg->text);
      free (arg->file);
    } else
      cmd->params.ptr[kept++] = *arg;
  }
  cmd->params.len = kept;
}

void
nbdkit_cmd_own_file_param (struct nbdkit_cmd *cmd, const char *key,
                           const char *suffix)
{
  append_arg (cmd, &cmd->params, format (&cmd->failed, "%s=", key),
              own_file (cmd, suffix));
}

void
nbdkit_cmd_allow (struct nbdkit_cmd *cmd, const char *path, unsigned allow)
{
  confine_path (&cmd->files, path, allow, &cmd->failed);
}

void
nbdkit_cmd_no_network (struct nbdkit_cmd *cmd)
{
  cmd->files.no_network = true;
}

void
nbdkit_cmd_allow_all (struct nbdkit_cmd *cmd, const char *name)
{
  if (cmd->unconfined == NULL)
    cmd->unconfined = alloc_copy (name, &cmd->failed);
}

void
nbdkit_cmd_allow_time (struct nbdkit_cmd *cmd, unsigned seconds)
{
  cmd->startup_timeout_s = seconds;
}

int
nbdkit_cmd_check (const struct nbdkit_cmd *cmd, struct error *err)
{
  if (!error_is_set (&cmd->failed))
    return 0;
  return error_set (err, cmd->failed.reason, "%s", cmd->failed.message);
}

static void
render_args (const struct args *args, const char *dir, struct argv *ret,
             struct error *err)
{
  for (size_t i = 0; i < args->len; i++) {
    const struct arg *arg = &args->ptr[i];

    if (arg->file == NULL)
      argv_append (ret, arg->text, err);
    else
      argv_appendf (ret, err, "%s%s/%s", arg->text, dir, arg->file);
  }
}

int
nbdkit_cmd_render (const struct nbdkit_cmd *cmd, const char *dir,
                   struct argv *ret, struct error *err)
{
  if (nbdkit_cmd_check (cmd, err) == -1)
    return -1;
  render_args (&cmd->words, dir, ret, err);
  render_args (&cmd->params, dir, ret, err);
  return error_is_set (err) ? -1 : 0;
}

/* An nbdkit that cannot read it from a file has the URL as an argument. */
static int
hide_values (const struct redact *hidden, char **arg, struct error *err)
{
  const char *url = key_value (*arg, "url");
  const char *query = url != NULL ? strchr (url, '?') : NULL;
  CLEANUP_FREE char *shown = NULL, *text = NULL;

  if (query == NULL || !argv_contains (&hidden->texts, query))
    return 0;
  shown = uri_without_values (url, err);
  text = shown == NULL ? NULL : format (err, "url=%s", shown);
  return text == NULL ? -1 : alloc_set (arg, text, err);
}

int
nbdkit_cmd_render_shown (const struct nbdkit_cmd *cmd, const char *dir,
                         struct argv *ret, struct error *err)
{
  if (nbdkit_cmd_render (cmd, dir, ret, err) == -1)
    return -1;
  for (size_t i = 0; i < ret->len; i++)
    if (hide_values (&cmd->hidden, &ret->ptr[i], err) == -1)
      return -1;
  return 0;
}

static void
print_args (FILE *fp, const struct args *args)
{
  for (size_t i = 0; i < args->len; i++) {
    const struct arg *arg = &args->ptr[i];

    putc (' ', fp);
    if (arg->file == NULL || *arg->text != '\0')
      shell_quote (fp, arg->text);
    if (arg->file != NULL)
      fprintf (fp, "\"$%s\"/%s", LEFTOVER_VARIABLE, arg->file);
  }
}

int
nbdkit_cmd_print (const struct nbdkit_cmd *cmd, FILE *fp, struct error *err)
{
  if (nbdkit_cmd_check (cmd, err) == -1)
    return -1;
  for (size_t i = 0; i < cmd->env.len; i++) {
    const char *setting = cmd->env.ptr[i];
    const size_t key_len = strcspn (setting, "=") + 1;

    fprintf (fp, "%s%.*s", i > 0 ? " " : "", (int) key_len, setting);
    shell_quote (fp, setting + key_len);
  }
  print_args (fp, &cmd->words);
  print_args (fp, &cmd->params);
  shell_print_files (fp, &cmd->descriptors);
  putc ('\n', fp);
  return 0;
}

int
nbdkit_cmd_write_secrets (const struct nbdkit_cmd *cmd, const char *dir,
                          struct error *err)
{
  for (size_t i = 0; i < cmd->secrets.len; i++) {
    const struct secret_file *file = &cmd->secrets.ptr[i];
    CLEANUP_FREE char *path = format (err, "%s/%s", dir, file->file);

    if (path == NULL || secret_write (file->secret, path, err) == -1)
      return -1;
  }
  return 0;
}

void
nbdkit_cmd_redact (const struct nbdkit_cmd *cmd, char *line)
{
  redact_line (&cmd->hidden, line);
}

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
#include "base/secret.h"
#include "base/vector.h"
#include "io/guard.h"
#include "nbdkit/cmd.h"

/* One argument: TEXT, then the path of FILE in the private directory. */
struct arg {
  char *text;
  char *file;                   /* or NULL */
};

DEFINE_VECTOR (struct args, args, struct arg);

struct secret_file {
  char *file;
  struct secret *secret;
};

DEFINE_VECTOR (struct secret_files, secret_files, struct secret_file);

struct nbdkit_cmd {
  char *binary;
  char *name;
  struct argv env;
  struct args options;
  struct argv filters;
  char *plugin;
  struct args params;
  struct secret_files secrets;
  struct error failed;          /* the first failure while building */
};

static bool
failed (const struct nbdkit_cmd *cmd)
{
  return error_is_set (&cmd->failed);
}

/* Takes TEXT and FILE, of which FILE may be NULL. */
static void
append_arg (struct nbdkit_cmd *cmd, struct args *args, char *text, char *file)
{
  if (!failed (cmd) && text != NULL &&
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
option_in_dir (struct nbdkit_cmd *cmd, const char *option, const char *suffix)
{
  nbdkit_cmd_option (cmd, option, NULL);
  append_arg (cmd, &cmd->options, strdup (""), own_file (cmd, suffix));
}

struct nbdkit_cmd *
nbdkit_cmd_new (const char *binary, const char *name, struct error *err)
{
  struct nbdkit_cmd *cmd = alloc_zero (sizeof *cmd, err);

  if (cmd == NULL)
    return NULL;
  cmd->binary = alloc_copy (binary, err);
  cmd->name = alloc_copy (name, err);
  if (cmd->binary == NULL || cmd->name == NULL) {
    nbdkit_cmd_free (cmd);
    return NULL;
  }
  /* nbdkit's messages are matched and quoted: no translated ones. */
  nbdkit_cmd_env (cmd, "LANG", "C");
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
  free_args (&cmd->options);
  free_args (&cmd->params);
  argv_reset (&cmd->env);
  argv_reset (&cmd->filters);
  error_reset (&cmd->failed);
  free (cmd->plugin);
  free (cmd->name);
  free (cmd->binary);
  free (cmd);
}

void
nbdkit_cmd_env (struct nbdkit_cmd *cmd, const char *key, const char *value)
{
  if (!failed (cmd))
    argv_appendf (&cmd->env, &cmd->failed, "%s=%s", key, value);
}

void
nbdkit_cmd_raw_env (struct nbdkit_cmd *cmd, const char *setting)
{
  if (!failed (cmd))
    argv_append (&cmd->env, setting, &cmd->failed);
}

void
nbdkit_cmd_option (struct nbdkit_cmd *cmd, const char *option,
                   const char *value)
{
  append_arg (cmd, &cmd->options, strdup (option), NULL);
  if (value != NULL)
    append_arg (cmd, &cmd->options, strdup (value), NULL);
}

void
nbdkit_cmd_filter (struct nbdkit_cmd *cmd, const char *filter)
{
  if (!failed (cmd))
    argv_append (&cmd->filters, filter, &cmd->failed);
}

void
nbdkit_cmd_plugin (struct nbdkit_cmd *cmd, const char *plugin)
{
  alloc_set (&cmd->plugin, plugin, &cmd->failed);
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
  append_arg (cmd, &cmd->params, strdup (param), NULL);
}

void
nbdkit_cmd_secret_file (struct nbdkit_cmd *cmd, const char *suffix,
                        const struct secret *secret)
{
  struct secret_file file = {
    .file = own_file (cmd, suffix),
    .secret = secret_copy (secret, &cmd->failed),
  };

  if (!failed (cmd) && secret_files_append (&cmd->secrets, file) == 0)
    return;
  free (file.file);
  secret_free (file.secret);
  error_nomem (&cmd->failed);
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

struct error *
nbdkit_cmd_error (struct nbdkit_cmd *cmd)
{
  return &cmd->failed;
}

int
nbdkit_cmd_check (const struct nbdkit_cmd *cmd, struct error *err)
{
  if (!failed (cmd))
    return 0;
  return error_set (err, cmd->failed.reason, "%s", cmd->failed.message);
}

const char *
nbdkit_cmd_name (const struct nbdkit_cmd *cmd)
{
  return cmd->name;
}

bool
nbdkit_cmd_has_filter (const struct nbdkit_cmd *cmd, const char *filter)
{
  return argv_contains (&cmd->filters, filter);
}

const struct argv *
nbdkit_cmd_filters (const struct nbdkit_cmd *cmd)
{
  return &cmd->filters;
}

const struct argv *
nbdkit_cmd_environ (const struct nbdkit_cmd *cmd)
{
  return &cmd->env;
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
  argv_append (ret, cmd->binary, err);
  render_args (&cmd->options, dir, ret, err);
  for (size_t i = 0; i < cmd->filters.len; i++) {
    argv_append (ret, "--filter", err);
    argv_append (ret, cmd->filters.ptr[i], err);
  }
  argv_append (ret, cmd->plugin, err);
  render_args (&cmd->params, dir, ret, err);
  return error_is_set (err) ? -1 : 0;
}

static void
print_word (FILE *fp, const char *word)
{
  putc (' ', fp);
  shell_quote (fp, word);
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
      fprintf (fp, "\"$%s\"/%s", GUARD_VARIABLE, arg->file);
  }
}

static void
print_env (FILE *fp, const struct argv *env)
{
  for (size_t i = 0; i < env->len; i++) {
    const size_t key_len = strcspn (env->ptr[i], "=") + 1;

    fprintf (fp, "%.*s", (int) key_len, env->ptr[i]);
    shell_quote (fp, env->ptr[i] + key_len);
    putc (' ', fp);
  }
}

int
nbdkit_cmd_print (const struct nbdkit_cmd *cmd, FILE *fp, struct error *err)
{
  if (nbdkit_cmd_check (cmd, err) == -1)
    return -1;
  print_env (fp, &cmd->env);
  shell_quote (fp, cmd->binary);
  print_args (fp, &cmd->options);
  for (size_t i = 0; i < cmd->filters.len; i++) {
    print_word (fp, "--filter");
    print_word (fp, cmd->filters.ptr[i]);
  }
  print_word (fp, cmd->plugin);
  print_args (fp, &cmd->params);
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
  for (size_t i = 0; i < cmd->secrets.len; i++)
    secret_redact (cmd->secrets.ptr[i].secret, line);
}

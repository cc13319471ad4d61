/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What the installed nbdkit can do.  nbdkit is run with --dump-config,
 * --dump-plugin and --help, once for each question, and its answers are
 * parsed here.  What follows from them for a command line is decided in
 * launch/plan.c and by the sources.
 */

#include <config.h>

#include <dirent.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/suggest.h"
#include "io/subprocess.h"
#include "nbdkit/caps.h"

/* Running nbdkit takes 4-14 ms on an idle machine.  A minute is for a host
 * whose disks are spun down or whose VDDK library is on NFS.
 */
#define PROBE_TIMEOUT_MS 60000

/* The oldest nbdkit with the readahead and rate filters. */
#define MIN_MINOR 12

static void
split_lines (const char *text, struct argv *lines, struct error *err)
{
  while (*text != '\0') {
    const size_t len = strcspn (text, "\n");

    if (argv_appendf (lines, err, "%.*s", (int) len, text) == -1)
      return;
    text += len + (text[len] == '\n');
  }
}

/* Add the first lines of what a failed program printed to the error. */
static void
add_output (const char *text, struct error *err)
{
  CLEANUP_ARGV struct argv lines = { .ptr = NULL };
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  split_lines (text, &lines, &ignored);
  for (size_t i = 0; i < lines.len && i < 20; i++)
    error_detail (err, lines.ptr[i]);
}

static int
cannot_run (const struct nbdkit_caps *caps, int errnum, struct error *err)
{
  CLEANUP_ERROR struct error cause = ERROR_INIT;

  if (err->reason == REASON_INTERRUPTED || err->reason == REASON_TIMEOUT)
    return -1;
  error_move (&cause, err);
  if (errnum == ENOENT)
    error_set (err, REASON_NBDKIT_MISSING, _("%s: nbdkit was not found"),
               caps->binary);
  else
    error_set (err, REASON_NBDKIT_MISSING, _("nbdkit cannot be run: %s"),
               cause.message);
  error_hint (err, _("install it: apt install nbdkit (Debian), dnf install "
                     "nbdkit (Fedora); or name the program with --nbdkit "
                     "PATH"));
  return -1;
}

/* Run nbdkit with ARGS, which must outlive that. */
static struct capture *
probe_begin (const struct nbdkit_caps *caps, struct argv *args,
             const struct argv *env, struct error *err)
{
  CLEANUP_ARGV struct argv full_env = { .ptr = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (args);
  struct capture *capture;

  /* nbdkit's messages are matched and quoted: no translated ones. */
  if (argv_append (&full_env, "LANG=C", err) == -1)
    return NULL;
  for (size_t i = 0; env != NULL && i < env->len; i++)
    if (argv_append (&full_env, env->ptr[i], err) == -1)
      return NULL;
  spec.env = &full_env;
  spec.own_group = true;
  events_emit (caps->events, &(struct event) {
      .type = EVENT_COMMAND, .disk = -1, .program = "nbdkit",
      .argv = args, .env = &full_env, .question = true });
  capture = capture_begin (caps->supervisor, &spec, err);
  if (capture == NULL)
    cannot_run (caps, errno, err);
  return capture;
}

/* Give what it prints on stdout. */
static int
probe_end (const struct nbdkit_caps *caps, struct capture *capture,
           struct captured *captured, struct error *err)
{
  return capture_end (capture, PROBE_TIMEOUT_MS, captured, err) == 0 ? 0
    : cannot_run (caps, 0, err);
}

static int
probe (const struct nbdkit_caps *caps, struct argv *args,
       struct captured *captured, struct error *err)
{
  struct capture *capture = probe_begin (caps, args, NULL, err);

  return capture == NULL ? -1 : probe_end (caps, capture, captured, err);
}

static int
probe_failed (const char *what, const struct captured *captured,
              enum reason reason, struct error *err)
{
  CLEANUP_FREE char *how = status_describe (captured->status);

  error_set (err, WIFSIGNALED (captured->status) ? REASON_NBDKIT_CRASH
                                                 : reason,
             "%s %s", what, how != NULL ? how : "");
  add_output (captured->err, err);
  return -1;
}

static int
parse_version (struct nbdkit_caps *caps, const char *version,
               struct error *err)
{
  if (sscanf (version, "%u.%u.%u", &caps->major, &caps->minor,
              &caps->release) < 2) {
    error_set (err, REASON_NBDKIT_VERSION,
               _("nbdkit --dump-config prints a version that cannot be "
                 "parsed: %s"), version);
    return -1;
  }
  caps->version = alloc_copy (version, err);
  if (caps->version == NULL)
    return -1;
  if (caps->major == 1 && caps->minor < MIN_MINOR) {
    error_set (err, REASON_NBDKIT_VERSION,
               _("nbdkit %s is too old, version 1.%d or later is needed"),
               version, MIN_MINOR);
    error_hint (err, _("install a newer one: apt install nbdkit (Debian), "
                       "dnf install nbdkit (Fedora); or name another program "
                       "with --nbdkit PATH"));
    return -1;
  }
  return 0;
}

/* A value that the output of --dump-config must hold. */
static const char *
required (const struct nbdkit_caps *caps, const struct argv *config,
          const char *key, const struct captured *captured,
          struct error *err)
{
  const char *value = argv_value (config, key);

  if (value != NULL && *value != '\0')
    return value;
  error_set (err, REASON_NBDKIT_VERSION,
             _("nbdkit --dump-config output did not contain %s"), key);
  error_hint (err, _("is %s really nbdkit?  name the right program with "
                     "--nbdkit PATH"), caps->binary);
  add_output (captured->err, err);
  return NULL;
}

static int
parse_config (struct nbdkit_caps *caps, const struct captured *captured,
              struct error *err)
{
  CLEANUP_ARGV struct argv config = { .ptr = NULL };
  const char *value;

  split_lines (captured->out, &config, err);
  if (error_is_set (err))
    return -1;
  value = required (caps, &config, "version", captured, err);
  if (value == NULL || parse_version (caps, value, err) == -1)
    return -1;
  value = required (caps, &config, "filterdir", captured, err);
  if (value == NULL)
    return -1;
  if (alloc_set (&caps->filterdir, value, err) == -1 ||
      alloc_set (&caps->plugindir, argv_value (&config, "plugindir"),
                 err) == -1 ||
      alloc_set (&caps->libdir, argv_value (&config, "libdir"), err) == -1 ||
      alloc_set (&caps->executable, argv_value (&config, "binary"),
                 err) == -1)
    return -1;
  value = argv_value (&config, "selinux");
  caps->selinux = value != NULL && strcmp (value, "yes") == 0;
  return 0;
}

static int
dump_config (struct nbdkit_caps *caps, struct error *err)
{
  const char *const args[] = { caps->binary, "--dump-config", NULL };
  CLEANUP_ARGV struct argv command = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };

  if (argv_append_array (&command, args, err) == -1 ||
      probe (caps, &command, &captured, err) == -1)
    return -1;
  if (captured.status != 0)
    return probe_failed ("nbdkit --dump-config", &captured,
                         REASON_NBDKIT_VERSION, err);
  return parse_config (caps, &captured, err);
}

struct nbdkit_caps *
nbdkit_caps_new (const char *binary, struct supervisor *supervisor,
                 const struct events *events, struct error *err)
{
  struct nbdkit_caps *caps = alloc_zero (sizeof *caps, err);

  if (caps == NULL)
    return NULL;
  caps->supervisor = supervisor;
  caps->events = events;
  caps->binary = alloc_copy (binary, err);
  if (caps->binary != NULL && dump_config (caps, err) == 0) {
    events_say (events, EVENT_DEBUG, -1, "nbdkit %s, filters in %s, %s",
                caps->version, caps->filterdir,
                caps->selinux ? "with SELinux" : "without SELinux");
    return caps;
  }
  nbdkit_caps_free (caps);
  return NULL;
}

static void
plugin_free (struct nbdkit_plugin *plugin)
{
  free (plugin->key);
  free (plugin->name);
  argv_reset (&plugin->facts);
  free (plugin->help);
  free (plugin);
}

void
nbdkit_caps_free (struct nbdkit_caps *caps)
{
  if (caps == NULL)
    return;
  while (caps->plugins != NULL) {
    struct nbdkit_plugin *plugin = caps->plugins;

    caps->plugins = plugin->next;
    plugin_free (plugin);
  }
  free (caps->filterdir);
  free (caps->plugindir);
  free (caps->libdir);
  free (caps->executable);
  free (caps->version);
  free (caps->binary);
  free (caps);
}

bool
nbdkit_caps_since (const struct nbdkit_caps *caps,
                   unsigned minor, unsigned release)
{
  if (caps->major != 1)
    return caps->major > 1;
  if (caps->minor != minor)
    return caps->minor > minor;
  return caps->release >= release;
}

bool
nbdkit_caps_reads_params (const struct nbdkit_caps *caps)
{
  return nbdkit_caps_since (caps, 46, 0);
}

char *
nbdkit_caps_filter_path (const struct nbdkit_caps *caps, const char *filter)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;

  return format (&ignored, "%s/nbdkit-%s-filter.so", caps->filterdir, filter);
}

bool
nbdkit_caps_has_filter (const struct nbdkit_caps *caps, const char *filter)
{
  CLEANUP_FREE char *path = nbdkit_caps_filter_path (caps, filter);

  return path != NULL && access (path, F_OK) == 0;
}

/* nbdkit [--filter F]... PLUGIN [KEY=VALUE]... --dump-plugin */
static int
dump_command (const struct nbdkit_caps *caps, const char *name,
              const struct argv *filters, const struct argv *args,
              struct argv *ret, struct error *err)
{
  argv_append (ret, caps->binary, err);
  for (size_t i = 0; i < filters->len; i++)
    argv_appendf (ret, err, "--filter=%s", filters->ptr[i]);
  argv_append (ret, name, err);
  for (size_t i = 0; i < args->len; i++)
    argv_append (ret, args->ptr[i], err);
  argv_append (ret, "--dump-plugin", err);
  return error_is_set (err) ? -1 : 0;
}

/* "file" of "nbdkit-file-plugin.so".  The caller frees it; NULL: FILE is no
 * such module.
 */
static char *
module_name (const char *file, const char *end)
{
  const size_t before = strlen ("nbdkit-"), len = strlen (file),
    after = strlen (end);

  if (len <= before + after || strncmp (file, "nbdkit-", before) != 0 ||
      strcmp (file + len - after, end) != 0)
    return NULL;
  return strndup (file + before, len - before - after);
}

static int
list_modules (const char *dir, const char *end, struct argv *names,
              struct error *err)
{
  const struct dirent *entry;
  DIR *modules = dir == NULL ? NULL : opendir (dir);
  int r = 0;

  while (modules != NULL && r == 0 && (entry = readdir (modules)) != NULL) {
    CLEANUP_FREE char *name = module_name (entry->d_name, end);

    if (name != NULL)
      r = argv_append (names, name, err);
  }
  if (modules != NULL)
    closedir (modules);
  return r;
}

int
nbdkit_caps_list_plugins (const struct nbdkit_caps *caps, struct argv *names,
                          struct error *err)
{
  return list_modules (caps->plugindir, "-plugin.so", names, err);
}

int
nbdkit_caps_list_filters (const struct nbdkit_caps *caps, struct argv *names,
                          struct error *err)
{
  return list_modules (caps->filterdir, "-filter.so", names, err);
}

/* Suggest the module in DIR whose name is nearest to NAME.  Short names are
 * all too near to each other.
 */
static void
hint_module (const char *dir, const char *end, const char *name,
             struct error *err)
{
  struct suggest suggest = SUGGEST_INIT (name);
  CLEANUP_FREE char *best = NULL;
  const struct dirent *entry;
  DIR *modules = dir == NULL || strlen (name) < 4 ? NULL : opendir (dir);

  while (modules != NULL && (entry = readdir (modules)) != NULL) {
    CLEANUP_FREE char *module = module_name (entry->d_name, end);

    if (module == NULL)
      continue;
    suggest_try (&suggest, module);
    if (suggest.best == module) {
      free (best);
      best = STEAL (module);
    }
  }
  if (modules != NULL)
    closedir (modules);
  if (suggest.best != NULL)
    suggest_hint (&suggest, "", "", err);
}

void
nbdkit_caps_hint_filter (const struct nbdkit_caps *caps, const char *filter,
                         struct error *err)
{
  hint_module (caps->filterdir, "-filter.so", filter, err);
  error_hint (err, _("%s lists the filters that are installed"),
              "ls \"$(nbdkit --dump-config | sed -n 's/^filterdir=//p')\"");
}

/* Fedora has a package for each of nbdkit's own, Debian one for all but VDDK.
 * The nfc plugin is distributed by others.
 */
static void
hint_package (const struct nbdkit_caps *caps, const char *name,
              struct error *err)
{
  if (strchr (name, '/') != NULL)
    error_hint (err, _("check the path of the plugin"));
  else if (strcmp (name, "vddk") == 0)
    error_hint (err, _("install it: apt install nbdkit-plugin-vddk (Debian, "
                       "section contrib), dnf install nbdkit-vddk-plugin "
                       "(Fedora)"));
  else if (strcmp (name, "nfc") == 0)
    error_hint (err, _("it is not part of nbdkit: copy nbdkit-nfc-plugin.so "
                       "to %s, or use -it vddk"),
                caps->plugindir != NULL ? caps->plugindir
                : _("nbdkit's plugin directory"));
  else
    error_hint (err, _("install it: apt install nbdkit (Debian), dnf install "
                       "nbdkit-%s-plugin (Fedora)"), name);
}

static int
read_dump (const struct nbdkit_caps *caps, struct capture *capture,
           struct nbdkit_plugin *plugin, struct error *err)
{
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  const char *model;

  if (probe_end (caps, capture, &captured, err) == -1)
    return -1;
  if (captured.status != 0) {
    CLEANUP_FREE char *what =
      format (err, _("the nbdkit plugin '%s' cannot be used: "
                     "nbdkit %s --dump-plugin"), plugin->name, plugin->name);

    if (what == NULL)
      return -1;
    probe_failed (what, &captured, REASON_NBDKIT_PLUGIN, err);
    hint_module (caps->plugindir, "-plugin.so", plugin->name, err);
    hint_package (caps, plugin->name, err);
    return -1;
  }
  split_lines (captured.out, &plugin->facts, err);
  model = argv_value (&plugin->facts, "thread_model");
  plugin->parallel = model != NULL && strcmp (model, "parallel") == 0;
  return error_is_set (err) ? -1 : 0;
}

/* The server's own usage comes first in the output of --help, and must not
 * be searched for the plugin's parameters.
 */
static int
read_help (const struct nbdkit_caps *caps, struct capture *capture,
           struct nbdkit_plugin *plugin, struct error *err)
{
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  const char *start;

  if (probe_end (caps, capture, &captured, err) == -1)
    return -1;
  start = strstr (captured.out, "\nplugin:");
  plugin->help = alloc_copy (start != NULL ? start : "", err);
  return plugin->help != NULL ? 0 : -1;
}

/* Both questions at once. */
static int
ask_plugin (const struct nbdkit_caps *caps, struct argv *dump,
            const struct argv *env, struct nbdkit_plugin *plugin,
            struct error *err)
{
  const char *const args[] = { caps->binary, plugin->name, "--help", NULL };
  CLEANUP_ARGV struct argv help = { .ptr = NULL };
  CLEANUP_CAPTURE struct capture *dumping = NULL;
  CLEANUP_CAPTURE struct capture *helping = NULL;

  if (argv_append_array (&help, args, err) == -1)
    return -1;
  dumping = probe_begin (caps, dump, env, err);
  if (dumping != NULL)
    helping = probe_begin (caps, &help, env, err);
  return helping == NULL ||
    read_dump (caps, STEAL (dumping), plugin, err) == -1 ? -1
    : read_help (caps, STEAL (helping), plugin, err);
}

const struct nbdkit_plugin *
nbdkit_caps_plugin (struct nbdkit_caps *caps, const char *name,
                    const struct argv *filters, const struct argv *env,
                    const struct argv *args, struct error *err)
{
  CLEANUP_ARGV struct argv command = { .ptr = NULL };
  CLEANUP_FREE char *key = NULL;
  struct nbdkit_plugin *plugin;

  if (dump_command (caps, name, filters, args, &command, err) == -1)
    return NULL;
  key = shell_command (env, &command);
  if (key == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (plugin = caps->plugins; plugin != NULL; plugin = plugin->next)
    if (strcmp (plugin->key, key) == 0)
      return plugin;

  plugin = alloc_zero (sizeof *plugin, err);
  if (plugin == NULL)
    return NULL;
  plugin->key = STEAL (key);
  plugin->name = alloc_copy (name, err);
  if (plugin->name == NULL ||
      ask_plugin (caps, &command, env, plugin, err) == -1) {
    plugin_free (plugin);
    return NULL;
  }
  plugin->next = caps->plugins;
  caps->plugins = plugin;
  return plugin;
}

/* The lines of --help are "KEY=<VALUE>   text" or "[KEY=]<VALUE>".  nbdkit
 * 1.32 prints a stray blank in front of one of them.
 */
bool
nbdkit_plugin_knows (const struct nbdkit_plugin *plugin,
                     const char *parameter)
{
  const size_t len = strlen (parameter);

  for (const char *line = plugin->help; *line != '\0';) {
    const char *p = line + strspn (line, " [");

    if (strncmp (p, parameter, len) == 0 && p[len] == '=')
      return true;
    line += strcspn (line, "\n");
    line += *line == '\n';
  }
  return false;
}

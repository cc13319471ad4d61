/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which files libssh reads by itself.  They are ~/.ssh, the host's settings,
 * and what ssh_config(5) files name, for whichever host that is.  The settings
 * are not obeyed here; that is up to libssh.
 */

#include <config.h>

#include <glob.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "nbdkit/cmd.h"
#include "source/ssh-files.h"

#define USERS_CONFIG ".ssh/config"

/* Files that include each other do so no deeper (OpenSSH's own limit). */
#define INCLUDE_MAX 16

/* What is read meanwhile. */
struct settings_files {
  struct nbdkit_cmd *cmd;
  const char *home;
  const char *dir;              /* what relative names of Include are in */
  unsigned depth;
};

static void read_settings (const struct settings_files *files,
                           const char *path);

/* "~/NAME"; relative names are in OTHERWISE.  NULL: there is no telling which
 * file it is (%h and the like; %d is ~/.ssh for libssh), or no memory.
 */
static char *
expand (const struct settings_files *files, const char *name,
        const char *otherwise)
{
  struct error *err = &files->cmd->failed;

  if (strchr (name, '%') != NULL)
    return NULL;
  if (strncmp (name, "~/", 2) == 0)
    return format (err, "%s%s", files->home, name + 1);
  return *name == '/' ? alloc_copy (name, err)
    : format (err, "%s/%s", otherwise, name);
}

/* Beside a key may be its public part, and a certificate. */
static void
allow_file (const struct settings_files *files, const char *name)
{
  static const char *const ends[] = { "", ".pub", "-cert.pub" };
  CLEANUP_FREE char *path = expand (files, name, files->home);

  for (size_t i = 0; path != NULL && i < ARRAY_LEN (ends); i++) {
    CLEANUP_FREE char *file = format (&files->cmd->failed, "%s%s", path,
                                      ends[i]);

    if (file != NULL)
      nbdkit_cmd_allow (files->cmd, file, CONFINE_READ);
  }
}

/* To find files by a pattern, libssh lists the directories from the first one
 * on that has other files in it.
 */
static void
allow_listing (const struct settings_files *files, const char *pattern)
{
  const size_t sure = strcspn (pattern, "*?[");
  CLEANUP_FREE char *dir = format (&files->cmd->failed, "%.*s", (int) sure,
                                   pattern);
  char *slash = dir != NULL ? strrchr (dir, '/') : NULL;

  if (pattern[sure] == '\0' || slash == NULL)
    return;
  slash[1] = '\0';
  nbdkit_cmd_allow (files->cmd, dir, CONFINE_LIST);
}

static void
include (const struct settings_files *files, const char *name)
{
  CLEANUP_FREE char *pattern = expand (files, name, files->dir);
  glob_t found;

  if (pattern == NULL)
    return;
  allow_listing (files, pattern);
  if (glob (pattern, 0, NULL, &found) != 0)
    return;
  for (size_t i = 0; i < found.gl_pathc; i++) {
    nbdkit_cmd_allow (files->cmd, found.gl_pathv[i], CONFINE_READ);
    read_settings (files, found.gl_pathv[i]);
  }
  globfree (&found);
}

/* Cut the next word, which may be in quotes, from *LINE; NULL: the end. */
static char *
next_word (char **line)
{
  char *word = *line + strspn (*line, " \t\r\n=");
  const char *end = *word == '"' ? "\"" : " \t\r\n=";

  if (*word == '\0' || *word == '#')
    return NULL;
  if (*word == '"')
    word++;
  *line = word + strcspn (word, end);
  if (**line != '\0')
    *(*line)++ = '\0';
  return word;
}

static void
read_line (const struct settings_files *files, char *line)
{
  static const char *const keywords[] = {
    "IdentityFile", "CertificateFile", "UserKnownHostsFile",
    "GlobalKnownHostsFile", "Include",
  };
  const char *keyword = next_word (&line), *word;
  size_t i = 0;

  while (keyword != NULL && i < ARRAY_LEN (keywords) &&
         strcasecmp (keyword, keywords[i]) != 0)
    i++;
  if (keyword == NULL || i == ARRAY_LEN (keywords))
    return;
  while ((word = next_word (&line)) != NULL)
    if (strcmp (keywords[i], "Include") == 0)
      include (files, word);
    else
      allow_file (files, word);
}

static void
read_settings (const struct settings_files *outer, const char *path)
{
  struct settings_files files = *outer;
  CLEANUP_FCLOSE FILE *fp = fopen (path, "re");
  CLEANUP_FREE char *line = NULL;
  size_t size = 0;

  if (fp == NULL || files.depth++ == INCLUDE_MAX)
    return;
  while (getline (&line, &size, fp) != -1)
    read_line (&files, line);
}

/* Files that are kept elsewhere, with links to them here. */
static void
allow_linked_files (struct nbdkit_cmd *cmd, const char *dir)
{
  static const char *const names[] = { "known_hosts*", "id_*", "config" };

  for (size_t i = 0; i < ARRAY_LEN (names); i++) {
    CLEANUP_FREE char *pattern = format (&cmd->failed, "%s/%s", dir,
                                         names[i]);
    glob_t found;

    if (pattern == NULL || glob (pattern, 0, NULL, &found) != 0)
      continue;
    for (size_t j = 0; j < found.gl_pathc; j++)
      nbdkit_cmd_allow (cmd, found.gl_pathv[j], CONFINE_FILE);
    globfree (&found);
  }
}

static void
allow_users_files (struct nbdkit_cmd *cmd, const char *home)
{
  CLEANUP_FREE char *dir = format (&cmd->failed, "%s/.ssh", home);
  CLEANUP_FREE char *path = format (&cmd->failed, "%s/" USERS_CONFIG, home);
  const struct settings_files files = { .cmd = cmd, .home = home, .dir = dir };

  if (dir == NULL || path == NULL)
    return;
  nbdkit_cmd_allow (cmd, dir, CONFINE_READ);
  allow_linked_files (cmd, dir);
  read_settings (&files, path);
}

void
ssh_files_allow (struct nbdkit_cmd *cmd)
{
  static const char *const hosts[] = {
    "/etc/ssh/ssh_config", "/etc/ssh/ssh_config.d",
    "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2", "/etc/libssh",
  };
  const char *home = getenv ("HOME");
  const struct passwd *user = getpwuid (getuid ());
  const struct settings_files files = {
    .cmd = cmd, .home = home != NULL ? home : "", .dir = "/etc/ssh",
  };

  for (size_t i = 0; i < ARRAY_LEN (hosts); i++)
    nbdkit_cmd_allow (cmd, hosts[i], CONFINE_READ);
  read_settings (&files, hosts[0]);
  if (home != NULL)
    allow_users_files (cmd, home);
  /* libssh asks the system first (and OpenSSH nobody else). */
  if (user != NULL && (home == NULL || strcmp (user->pw_dir, home) != 0))
    allow_users_files (cmd, user->pw_dir);
}

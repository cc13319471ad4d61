/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Files on SSH servers (ESXi, Xen and others), through our plugin or nbdkit's
 * ssh plugin, which both use libssh.  Keys and known hosts come from -io options or from the
 * metadata; source/request.c has merged them.
 */

#include <config.h>

#include <string.h>
#include <sys/param.h>

#include "base/argv.h"
#include "base/cleanup.h"
#include "base/i18n.h"
#include "base/infile.h"
#include "base/secret.h"
#include "settings.h"
#include "source/ops.h"
#include "source/ssh-files.h"
#include "source/ssh-key.h"
#include "source/ssh-plugin.h"
#include "source/ssh-preload.h"

#define DEFAULT_PORT 22

/* Connections over which a copy begins, if the file is large enough; 4 MiB are
 * under way in each.  They carry 1 Gbit/s over 200 ms.
 */
#define COPY_AHEAD 8
/* Our plugin's limit. */
#define CONNECTIONS_MAX 16

static const struct source_option ssh_options[] = {
  { SSH_KEY_OPTION, N_("private key file, without a passphrase"),
    "identity", "FILE" },
  { "ssh-known-hosts", N_("file with the known host keys"),
    "known-hosts", "FILE" },
  { "ssh-verify-remote-host", N_("false: do not check the server's host key"),
    "verify-remote-host", "true|false" },
  { "ssh-compression", N_("true: compress what is sent"),
    "compression", "true|false" },
  { .name = NULL }
};

/* The plugin wants an absolute path.  WHAT named it. */
static void
add_known_hosts (const char *what, const char *path, struct nbdkit_cmd *cmd)
{
  CLEANUP_FREE char *absolute = realpath (path, NULL);
  CLEANUP_FREE char *doubled = NULL;

  if (absolute == NULL) {
    error_errno (&cmd->failed, REASON_USAGE, "%s: %s", what, path);
    return;
  }
  /* libssh expands %h and the like in this file name. */
  doubled = escape_doubled (absolute, '%', &cmd->failed);
  if (doubled != NULL)
    nbdkit_cmd_param (cmd, "known-hosts", doubled);
  nbdkit_cmd_allow (cmd, absolute, CONFINE_READ);
}

/* Pass a private key.  libssh writes KEY.pub beside one that lacks it, so it
 * gets a copy in the private directory.
 */
static void
add_key (const struct secret *key, struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_secret_param (cmd, "identity", "", key);
}

static void
add_key_file (const char *what, const char *path, struct nbdkit_cmd *cmd)
{
  struct error *err = &cmd->failed;
  struct secret *key;

  if (error_is_set (err))
    return;
  key = secret_read_file (path, err);
  if (key != NULL)
    add_key (key, cmd);
  else
    error_wrap (err, "%s", what);
  secret_free (key);
}

/* What names the file in errors: the option that was given, or else the
 * metadata's parameter.
 */
static const char *
named_by (const struct source_request *request, const char *option,
          const char *parameter)
{
  return source_option (request, option) != NULL ? option : parameter;
}

static void
add_param (const struct source_request *request, const char *param,
           struct nbdkit_cmd *cmd)
{
  const char *identity = key_value (param, "identity");
  const char *known_hosts = key_value (param, "known-hosts");

  if (identity != NULL && request->settings->ssh_key != NULL)
    add_key (request->settings->ssh_key, cmd);
  else if (identity != NULL)
    add_key_file (named_by (request, SSH_KEY_OPTION, "identity"), identity,
                  cmd);
  else if (known_hosts != NULL)
    add_known_hosts (named_by (request, "ssh-known-hosts", "known-hosts"),
                     known_hosts, cmd);
  else
    nbdkit_cmd_raw_param (cmd, param);
}

/* libssh waits for 10 seconds until the login begins. */
static void
add_timeout (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const unsigned timeout_s = request->settings->startup_timeout_s;

  if (timeout_s > DEFAULT_STARTUP_TIMEOUT_S &&
      source_param (request, "timeout") == NULL)
    nbdkit_cmd_paramf (cmd, "timeout", "%u", timeout_s);
}

/* What the user says of connections is meant for those to the server. */
static void
add_connections (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const unsigned connections = request->settings->connections;

  if (connections > 0 && ssh_plugin_is_used (request))
    nbdkit_cmd_paramf (cmd, "connections", "%u",
                       MIN (connections, CONNECTIONS_MAX));
}

static void
ssh_describe (const struct source_request *request, struct nbdkit_cmd *cmd)
{
  const struct location *location = request->location;

  if (location->agent_socket != NULL)
    argv_appendf (&cmd->env, &cmd->failed, "SSH_AUTH_SOCK=%s",
                  location->agent_socket);
  if (!ssh_plugin_is_used (request))
    ssh_preload_describe (request, cmd);
  ssh_files_allow (cmd);
  nbdkit_cmd_param (cmd, "host", location->host);
  if (location->port != 0)
    nbdkit_cmd_paramf (cmd, "port", "%u", location->port);
  nbdkit_cmd_param (cmd, "path", location->path);
  if (location->user != NULL)
    nbdkit_cmd_param (cmd, "user", location->user);
  add_timeout (request, cmd);
  add_connections (request, cmd);
  if (location->password != NULL)
    nbdkit_cmd_secret_param (cmd, "password", "+", location->password);
  if (location->password != NULL && location->user != NULL)
    nbdkit_cmd_hide_login (cmd, location->user, location->password);
  for (size_t i = 0; i < request->params.len; i++)
    add_param (request, request->params.ptr[i], cmd);
}

/* All of the file will be read: our plugin need not wait until it knows that
 * from what it is asked for.
 */
static bool
ssh_describe_copy (const struct source_request *request,
                   struct nbdkit_cmd *cmd)
{
  const unsigned connections = request->settings->connections;

  if (!ssh_plugin_is_used (request))
    return false;
  nbdkit_cmd_paramf (cmd, "ahead", "%u",
                     connections == 0 ? COPY_AHEAD
                                      : MIN (connections, COPY_AHEAD));
  return true;
}

/* Nobody else may choose whom we trust. */
static int
check_known_hosts (const struct source_request *request, struct error *err)
{
  const char *path = source_param (request, "known-hosts");

  if (path == NULL || infile_check (path, err) == 0)
    return 0;
  error_wrap (err, "%s", named_by (request, "ssh-known-hosts",
                                   "known-hosts"));
  return -1;
}

static int
ssh_check (const struct source_request *request, struct error *err)
{
  if (check_known_hosts (request, err) == -1)
    return -1;
  if (source_check_boolean (request, "verify-remote-host",
                            "ssh-verify-remote-host", err) == -1)
    return -1;
  return source_check_boolean (request, "compression", "ssh-compression",
                               err);
}

/* "[host]:port", as in known_hosts. */
static int
append_known_host (const struct location *location, struct argv *command,
                   struct error *err)
{
  return location->port == 0 || location->port == DEFAULT_PORT
    ? argv_append (command, location->host, err)
    : argv_appendf (command, err, "[%s]:%u", location->host, location->port);
}

static void
forget_host_key (const struct source_request *request, struct argv *command,
                 struct error *err)
{
  const char *known_hosts = source_param (request, "known-hosts");

  argv_append (command, "ssh-keygen", err);
  if (known_hosts != NULL) {
    argv_append (command, "-f", err);
    argv_append (command, known_hosts, err);
  }
  argv_append (command, "-R", err);
  append_known_host (request->location, command, err);
}

/* PORT is ssh's or sftp's option for it. */
static void
add_ssh_options (const struct source_request *request, const char *port,
                 struct argv *command, struct error *err)
{
  const char *known_hosts = source_param (request, "known-hosts");
  const char *identity = source_param (request, "identity");

  if (request->location->port != 0)
    argv_appendf (command, err, "%s%u", port, request->location->port);
  if (identity != NULL)
    argv_appendf (command, err, "-i%s", identity);
  if (known_hosts != NULL)
    argv_appendf (command, err, "-oUserKnownHostsFile=%s", known_hosts);
}

/* The login worked, and the path is the matter. */
static bool
is_of_path (const struct error *why)
{
  return why->reason == REASON_NOT_FOUND || why->reason == REASON_READ;
}

/* nbdkit uses sftp, but ssh asks the user whether a new host key is right. */
static void
ssh_try_command (const struct source_request *request,
                 const struct error *why, struct argv *command,
                 struct error *err)
{
  const struct location *location = request->location;

  if (why->reason == REASON_HOST_KEY_CHANGED) {
    forget_host_key (request, command, err);
    return;
  }
  argv_append (command, "ssh", err);
  add_ssh_options (request, "-p", command, err);
  if (location->user != NULL)
    argv_appendf (command, err, "%s@%s", location->user, location->host);
  else
    argv_append (command, location->host, err);
  if (is_of_path (why)) {
    CLEANUP_ARGV struct argv remote = { .ptr = NULL };
    CLEANUP_FREE char *list = NULL;

    argv_append (&remote, "ls", err);
    argv_append (&remote, "-l", err);
    argv_append (&remote, location->path, err);
    list = shell_command (NULL, &remote);
    if (list != NULL)
      argv_append (command, list, err);
  }
}

/* Such accounts often see a root of their own (ChrootDirectory): this shows
 * what there is in the file's directory, or that it is not there.
 */
static void
ssh_try_sftp (const struct source_request *request, const struct error *why,
              struct argv *command, struct error *err)
{
  const struct location *location = request->location;
  const char *user = location->user != NULL ? location->user : "";
  const bool bracket = strchr (location->host, ':') != NULL;
  const char *slash = strrchr (location->path, '/');
  const int len = slash != NULL ? (int) (slash - location->path) : 0;

  if (!is_of_path (why))
    return;
  argv_append (command, "sftp", err);
  add_ssh_options (request, "-P", command, err);
  argv_appendf (command, err, bracket ? "%s%s[%s]:%.*s" : "%s%s%s:%.*s", user,
                *user != '\0' ? "@" : "", location->host,
                len > 0 ? len : 1, len > 0 ? location->path
                                           : slash != NULL ? "/" : ".");
}

#define NO_SUCH_KEY \
  N_("log in once with ssh and accept the host key, or name a file that " \
     "holds it with -io ssh-known-hosts=FILE")

#define CHANGED \
  N_("nothing may write to the source during the copy: shut " \
     "down the guest, and start again")
#define DIRECTORY N_("is the path a directory?")
#define DISCONNECTED "Socket error: disconnected"
#define RESET "Socket error: Connection reset"
#define HUNG_UP \
  N_("is it an SSH server, and does it accept more connections from here " \
     "(MaxStartups, and since OpenSSH 9.8 PerSourcePenalties)?")

static const struct explanation ssh_explanations[] = {
  { "authentication methods failed", REASON_AUTH,
    N_("check the user, and the password (-ip FILE) or key (-io "
       "ssh-identity=FILE, without a passphrase); the server must offer "
       "the methods publickey or password, keyboard-interactive is not "
       "enough") },
  { "password authentication failed", REASON_AUTH,
    N_("check the user and the password given with -ip FILE") },
  { "host key is unknown", REASON_HOST_KEY, NO_SUCH_KEY },
  { "another type of key exists", REASON_HOST_KEY, NO_SUCH_KEY },
  { "could not find known_hosts file", REASON_HOST_KEY, NO_SUCH_KEY },
  { "host key for server changed", REASON_HOST_KEY_CHANGED,
    N_("if the server was not reinstalled, somebody else may answer in its "
       "place; if it was, remove its old key") },
  { "No such file", REASON_NOT_FOUND,
    N_("check the path; it is absolute on the server, %5B and %20 in the "
       "URI stand for '[' and a space") },
  { "ermission denied", REASON_AUTH,
    N_("the user is not allowed to read the file") },
  { "Failed to resolve hostname", REASON_UNREACHABLE,
    N_("check the host's name") },
  /* libssh, which looks for a user whom this one is called like. */
  { "Couldn't apply options", REASON_AUTH,
    N_("give the user, as in ssh://USER@HOST/PATH: the one who runs this "
       "may have no name on this host") },
  { "Timeout connecting", REASON_TIMEOUT,
    N_("check the host, the port, and the firewalls between") },
  { "Connection refused", REASON_UNREACHABLE,
    N_("is the SSH server running, and is the port right?") },
  { "Channel request subsystem failed", REASON_UNSUPPORTED,
    N_("the server has no SFTP subsystem: enable it in its sshd_config") },
  { "SFTP server: Failure", REASON_UNSUPPORTED, DIRECTORY },
  /* nbdkit 1.46, which looks before it opens. */
  { "unknown file type", REASON_UNSUPPORTED, DIRECTORY },
  { "the size of the file changed", REASON_SOURCE_CHANGED, CHANGED },
  /* Nobody asks for more than there was. */
  { "SFTP server: End of file", REASON_SOURCE_CHANGED, CHANGED },
  { "the file was written to or replaced", REASON_SOURCE_CHANGED, CHANGED },
  { "cannot find the end of the block device", REASON_READ,
    N_("can all of the device be read on the server?") },
  /* What sshd says instead of its version when it does not want to talk. */
  { "Not allowed at this time", REASON_UNREACHABLE,
    N_("OpenSSH shuts out an address for a while after failed logins "
       "(PerSourcePenalties, since 9.8): correct the login, wait some "
       "minutes, and try once; its log says \"penalty\"") },
  { "Exceeded MaxStartups", REASON_SESSION_LIMIT,
    N_("too many logins at once: raise MaxStartups in the server's "
       "sshd_config, or try again later") },
  { DISCONNECTED, REASON_UNREACHABLE, HUNG_UP },
  { RESET, REASON_UNREACHABLE, HUNG_UP },
  { "failed to connect to remote host", REASON_UNREACHABLE, NULL },
  { .text = NULL }
};

const struct source_ops source_ssh = {
  .kind = LOCATION_SSH,
  .plugin = "ssh",
  .open_timeout_s = 20,
  .remote = true,
  .logs_in = true,
  .login_is_slow = true,
  .options = ssh_options,
  .own_plugin = ssh_plugin_file,
  .check = ssh_check,
  .describe = ssh_describe,
  .describe_copy = ssh_describe_copy,
  .default_port = DEFAULT_PORT,
  .may_be_slow = true,
  .errors_are_final = true,
  .remembers_change = true,
  .try_command = ssh_try_command,
  .try_instead = ssh_try_sftp,
  .instead = N_("if the account may only use sftp"),
  .empty_hint = N_("before nbdkit 1.46 a block device over ssh is recognised "
                   "only by its path below /dev, and needs ssh-size.so "
                   "(built if libssh-dev is installed): give that path, "
                   "which ssh HOST readlink -f PATH prints"),
  .explanations = ssh_explanations,
  .hang_ups = { DISCONNECTED, RESET, NULL },
  /* sshd drops unauthenticated connections above MaxStartups (10:30:100),
   * so they are opened a few at a time.  16 connections of 1 MiB requests
   * over 10 ms were 7 times faster than one of 2 MiB.
   */
  .serial = { 8, 16, 1, 1 << 20, 1 << 20 },
  /* Our plugin: these are NBD connections, and it has up to 8 to the server.
   * All of COPY_MEMORY in flight fills a link of 1 Gbit/s over 200 ms twice.
   */
  .parallel = { 4, 8, 8, 1 << 20, 1 << 20 },
};

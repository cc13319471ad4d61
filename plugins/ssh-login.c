/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Logs in as nbdkit's ssh plugin does, with libssh: the same options, the same
 * files, the same methods, and the same words when that fails.  What is
 * different serves two ends: nothing blocks, so that a connection can be given
 * up at any time, and round trips are saved where the right method can be
 * guessed.
 */

#include <config.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include "base/clock.h"
#include "ssh-login.h"

/* As libssh's own, for the time until the login begins. */
#define CONNECT_TIMEOUT_S 10
/* For what follows, where the user says nothing: a server may look up names,
 * or delay its answer to a wrong password.
 */
#define ANSWER_TIMEOUT_S 60
/* After so long without a sign of life of the host the connection is lost: TCP
 * alone waits for a quarter of an hour, or for ever where nothing was sent.
 */
#define DEAD_S 120
/* There may be progress that the socket does not tell of, or nbdkit ends. */
#define POLL_MAX_MS 500

/* AES is done by the processor.  libssh's first choice is not, and costs more
 * than the rest of the copy.  The user's and the host's configuration, which
 * is read later, prevails.
 */
#define CIPHERS \
  "aes128-gcm@openssh.com,aes256-gcm@openssh.com," \
  "chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"


/*--- Waiting. ---*/

static struct ssh_wait
wait_for (const struct ssh_params *params, int wake_fd, uint32_t otherwise_s)
{
  const uint32_t timeout_s =
    params->timeout_s > 0 ? params->timeout_s : otherwise_s;

  return (struct ssh_wait) {
    .wake_fd = wake_fd,
    .deadline_ms = clock_ms () + (int64_t) timeout_s * 1000,
  };
}

struct ssh_wait
ssh_wait_begin (const struct ssh_params *params, int wake_fd)
{
  return wait_for (params, wake_fd, ANSWER_TIMEOUT_S);
}

/* Our threads serve no client, so that nothing else ends this early. */
bool
ssh_nbdkit_ends (void)
{
  return nbdkit_nanosleep (0, 1) == -1;
}

bool
ssh_wait (const struct ssh_wait *wait, ssh_session session)
{
  const int64_t left_ms = wait->deadline_ms - clock_ms ();
  const bool writes = ssh_get_poll_flags (session) & SSH_WRITE_PENDING;
  struct pollfd fds[] = {
    { .fd = wait->wake_fd, .events = POLLIN },
    { .fd = ssh_get_fd (session),
      .events = (short) (writes ? POLLIN|POLLOUT : POLLIN) },
  };

  if (left_ms <= 0)
    return false;
  if (poll (fds, 2, left_ms < POLL_MAX_MS ? (int) left_ms
                                          : POLL_MAX_MS) == 0)
    return !ssh_nbdkit_ends ();
  return !(fds[0].revents & POLLIN);
}


/*--- Options. ---*/

static bool
cannot_set (const char *what, const char *value, ssh_session session,
            struct trouble *why)
{
  trouble_set (why, TROUBLE_LOGIN, "failed to set %s in libssh session: "
               "%s: %s", what, value, ssh_get_error (session));
  return false;
}

static bool
set (ssh_session session, enum ssh_options_e option, const char *what,
     const char *value, struct trouble *why)
{
  return value == NULL || ssh_options_set (session, option, value) == SSH_OK ||
    cannot_set (what, value, session, why);
}

static bool
add_identities (const struct ssh_params *params, ssh_session session,
                struct trouble *why)
{
  for (size_t i = 0; i < params->identities_len; i++)
    if (ssh_options_set (session, SSH_OPTIONS_ADD_IDENTITY,
                         params->identities[i]) != SSH_OK) {
      trouble_set (why, TROUBLE_LOGIN, "failed to add identity in libssh "
                   "session: %s: %s", params->identities[i],
                   ssh_get_error (session));
      return false;
    }
  return true;
}

/* It must come last: it wants to know the host. */
static bool
parse_config (const struct ssh_params *params, ssh_session session,
              struct trouble *why)
{
  if (params->config != NULL && params->config[0] == '\0')
    return true;
  if (ssh_options_parse_config (session, params->config) == SSH_OK)
    return true;
  trouble_set (why, TROUBLE_LOGIN, params->config == NULL
               ? "failed to parse local SSH configuration%s: %s"
               : "failed to parse SSH configuration: %s: %s",
               params->config == NULL ? "" : params->config,
               ssh_get_error (session));
  return false;
}

/* What is left out where libssh does not know it. */
static void
set_preferences (const struct ssh_params *params, ssh_session session)
{
  const int yes = 1;
  const long timeout_s = params->timeout_s;

  ssh_options_set (session, SSH_OPTIONS_NODELAY, &yes);
  ssh_options_set (session, SSH_OPTIONS_CIPHERS_S_C, CIPHERS);
  ssh_options_set (session, SSH_OPTIONS_CIPHERS_C_S, CIPHERS);
  if (timeout_s > 0)
    ssh_options_set (session, SSH_OPTIONS_TIMEOUT, &timeout_s);
}

static bool
set_options (const struct ssh_params *params, ssh_session session,
             struct trouble *why)
{
  set_preferences (params, session);
  return set (session, SSH_OPTIONS_HOST, "host", params->host, why) &&
    set (session, SSH_OPTIONS_PORT_STR, "port", params->port, why) &&
    set (session, SSH_OPTIONS_USER, "user", params->user, why) &&
    set (session, SSH_OPTIONS_KNOWNHOSTS, "known_hosts", params->known_hosts,
         why) &&
    add_identities (params, session, why) &&
    set (session, SSH_OPTIONS_COMPRESSION, "compression",
         params->compression ? "yes" : NULL, why) &&
    parse_config (params, session, why);
}


/*--- The host. ---*/

static bool
cannot_connect (const struct ssh_params *params, const char *text,
                struct trouble *why)
{
  trouble_set (why, TROUBLE_LOST, "failed to connect to remote host: %s: %s",
               params->host, text);
  return false;
}

static bool
timed_out (const struct ssh_params *params, struct trouble *why)
{
  char text[300];

  snprintf (text, sizeof text, "Timeout connecting to %s", params->host);
  return cannot_connect (params, text, why);
}

static bool
connect_host (const struct ssh_params *params, int wake_fd,
              ssh_session session, struct trouble *why)
{
  const struct ssh_wait wait = wait_for (params, wake_fd, CONNECT_TIMEOUT_S);
  int rc;

  while ((rc = ssh_connect (session)) == SSH_AGAIN)
    if (!ssh_wait (&wait, session))
      return timed_out (params, why);
  return rc == SSH_OK ||
    cannot_connect (params, ssh_get_error (session), why);
}

/* In nbdkit's words, without ceremony. */
static const char *
why_unknown (enum ssh_known_hosts_e state)
{
  switch (state) {
  case SSH_KNOWN_HOSTS_OK:
    return NULL;
  case SSH_KNOWN_HOSTS_CHANGED:
    return "host key for server changed";
  case SSH_KNOWN_HOSTS_OTHER:
    return "host key for server was not found but another type of key exists";
  case SSH_KNOWN_HOSTS_NOT_FOUND:
    return "could not find known_hosts file";
  case SSH_KNOWN_HOSTS_UNKNOWN:
    return "either the host key is unknown, you must use ssh first and accept "
      "the host key; or the known_hosts file (usually ~/.ssh/known_hosts) "
      "could not be opened, check that the file exists and file permissions";
  case SSH_KNOWN_HOSTS_ERROR:
    break;
  }
  return "known hosts error";
}

static bool
verify_host (const struct ssh_params *params, ssh_session session,
             struct trouble *why)
{
  enum ssh_known_hosts_e state;
  const char *text;

  if (!params->verify_remote_host)
    return true;
  state = ssh_session_is_known_server (session);
  text = why_unknown (state);
  if (text == NULL)
    return true;
  if (state == SSH_KNOWN_HOSTS_ERROR)
    trouble_set (why, TROUBLE_LOGIN, "%s: %s", text, ssh_get_error (session));
  else
    trouble_set (why, TROUBLE_LOGIN, "%s", text);
  return false;
}

/* It fails where the socket is none of TCP's (ProxyCommand). */
static void
notice_death (int fd)
{
  const int yes = 1, idle_s = DEAD_S / 2, interval_s = DEAD_S / 6;
  const unsigned dead_ms = DEAD_S * 1000;

  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  setsockopt (fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt (fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof dead_ms);
}

/* The answer comes while others find out whether we are let in.  If this
 * fails, the login does, and says why.
 */
static void
begin_login (ssh_session session)
{
  (void) ssh_service_request (session, "ssh-userauth");
}

ssh_session
ssh_reach (const struct ssh_params *params, int wake_fd, struct trouble *why)
{
  ssh_session session = ssh_new ();

  if (session == NULL) {
    trouble_set (why, TROUBLE_LOST, "failed to initialize libssh session");
    return NULL;
  }
  ssh_set_blocking (session, 0);
  if (set_options (params, session, why) &&
      connect_host (params, wake_fd, session, why) &&
      verify_host (params, session, why)) {
    notice_death (ssh_get_fd (session));
    begin_login (session);
    return session;
  }
  ssh_logout (session);
  return NULL;
}


/*--- The user. ---*/

/* What the methods below share. */
struct login {
  const struct ssh_params *params;
  ssh_session session;
  ssh_key key;                  /* of the method that wants one */
  int wake_fd;
  bool asked;                   /* the server, to let us in */
  bool timed_out;
};

typedef int (*auth_method) (struct login *);

static int
by_none (struct login *login)
{
  return ssh_userauth_none (login->session, NULL);
}

static int
by_key (struct login *login)
{
  return ssh_userauth_publickey (login->session, NULL, login->key);
}

static int
by_any_key (struct login *login)
{
  return ssh_userauth_publickey_auto (login->session, NULL, NULL);
}

static int
by_password (struct login *login)
{
  return ssh_userauth_password (login->session, NULL,
                                login->params->password);
}

/* SSH_AUTH_... */
static int
try_method (struct login *login, auth_method method)
{
  const struct ssh_wait wait = ssh_wait_begin (login->params, login->wake_fd);
  int rc;

  login->asked = true;
  while ((rc = method (login)) == SSH_AUTH_AGAIN) {
    /* libssh 0.10 would wait for ever. */
    if (!ssh_is_connected (login->session))
      return SSH_AUTH_ERROR;
    if (!ssh_wait (&wait, login->session)) {
      login->timed_out = true;
      return SSH_AUTH_ERROR;
    }
  }
  if (rc == SSH_AUTH_ERROR)
    nbdkit_debug ("authentication failed: %s", ssh_get_error (login->session));
  return rc;
}

/* Has the connection been lost?  A server that has had enough of our attempts
 * says so before it hangs up: then it has refused the user.
 */
static bool
is_lost (const struct login *login)
{
  static const char refused[] = "Received SSH_MSG_DISCONNECT";

  return login->timed_out ||
    (!ssh_is_connected (login->session) &&
     strncmp (ssh_get_error (login->session), refused,
              strlen (refused)) != 0);
}

/* The key that was named is most likely right.  To show it at once saves two
 * round trips: asking for the methods, and asking whether the key would do.
 * Others, such as those that need a passphrase, or whose name libssh would
 * expand, are left to libssh.
 */
static int
try_named_key (struct login *login)
{
  const struct ssh_params *params = login->params;
  const char *path;
  int rc;

  if (params->identities_len == 0)
    return SSH_AUTH_DENIED;
  path = params->identities[params->identities_len - 1];
  if (strchr (path, '%') != NULL ||
      ssh_pki_import_privkey_file (path, NULL, NULL, NULL,
                                   &login->key) != SSH_OK)
    return SSH_AUTH_DENIED;
  rc = try_method (login, by_key);
  ssh_key_free (login->key);
  login->key = NULL;
  return rc;
}

static int
try_guess (struct login *login, const struct ssh_remembered *remembered)
{
  return atomic_load (&remembered->by_password)
    ? try_method (login, by_password) : try_named_key (login);
}

static bool
refused (int methods, bool has_password, struct trouble *why)
{
  const bool key = methods & SSH_AUTH_METHOD_PUBLICKEY;
  const bool password = methods & SSH_AUTH_METHOD_PASSWORD;
  const char *text = "all possible authentication methods failed";

  if (!key && !has_password)
    text = "all possible authentication methods failed: the server does not "
      "offer public key authentication; try using the password=... parameter";
  else if (password && has_password)
    text = "password authentication failed, is the username and password "
      "correct?";
  else if (!password && has_password)
    text = "all possible authentication methods failed: the server does not "
      "offer password authentication";
  trouble_set (why, TROUBLE_LOGIN, "%s", text);
  return false;
}

static bool
lost (struct login *login, struct trouble *why)
{
  return login->timed_out ? timed_out (login->params, why)
    : cannot_connect (login->params, ssh_get_error (login->session), why);
}

/* The methods in the order of nbdkit's ssh plugin. */
static bool
try_all (struct login *login, struct ssh_remembered *remembered,
         struct trouble *why)
{
  const bool has_password = login->params->password != NULL;
  int rc = try_method (login, by_none), methods;

  if (rc == SSH_AUTH_SUCCESS)
    return true;
  if (rc == SSH_AUTH_ERROR)
    return is_lost (login) ? lost (login, why)
      : refused (SSH_AUTH_METHOD_PUBLICKEY, has_password, why);
  methods = ssh_userauth_list (login->session, NULL);
  nbdkit_debug ("authentication methods offered by the server: 0x%x",
                (unsigned) methods);
  if ((methods & SSH_AUTH_METHOD_PUBLICKEY) &&
      try_method (login, by_any_key) == SSH_AUTH_SUCCESS)
    return true;
  if (!is_lost (login) && has_password &&
      (methods & SSH_AUTH_METHOD_PASSWORD) &&
      try_method (login, by_password) == SSH_AUTH_SUCCESS) {
    atomic_store (&remembered->by_password, true);
    return true;
  }
  return is_lost (login) ? lost (login, why)
    : refused (methods, has_password, why);
}

/* sshd counts what it denies, and also asking for the methods, unless that
 * comes first: after a wrong guess there may be too few tries left for what is
 * right.
 */
static bool
authenticate (struct login *login, struct ssh_remembered *remembered,
              struct trouble *why)
{
  if (!atomic_load (&remembered->guess_denied) &&
      try_guess (login, remembered) == SSH_AUTH_SUCCESS)
    return true;
  if (is_lost (login))
    return lost (login, why);
  if (!login->asked)
    return try_all (login, remembered, why);
  atomic_store (&remembered->guess_denied, true);
  trouble_set (why, TROUBLE_GUESS, "another login is tried");
  return false;
}

bool
ssh_login (const struct ssh_params *params, struct ssh_remembered *remembered,
           ssh_session session, int wake_fd, struct trouble *why)
{
  struct login login = {
    .params = params, .session = session, .wake_fd = wake_fd,
  };

  return authenticate (&login, remembered, why);
}

void
ssh_logout (ssh_session session)
{
  if (session == NULL)
    return;
  ssh_disconnect (session);
  ssh_free (session);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */

/* An nbdkit plugin that reads a file over SFTP as nbdkit's own ssh plugin
 * does, from the same parameters, but with many reads in flight on each of
 * several SSH connections.  nbdkit's asks for 255 KiB and waits for them: over
 * 50 ms that is 5 MB/s for each connection.
 *
 * The connections belong to the plugin: whatever number of NBD clients there
 * are, each of their requests uses all of them (ssh-pool.c).  It does not
 * write.
 */

#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define NBDKIT_API_VERSION 2
#include <nbdkit-plugin.h>

#include "ssh-device.h"
#include "ssh-pool.h"

#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

#define DEFAULT_CONNECTIONS 8

/* nbdkit gives its callbacks nothing else to find these by. */
static struct ssh_params params = { .verify_remote_host = true };
static uint32_t max_connections = DEFAULT_CONNECTIONS;
static uint32_t ahead = 1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pool *pool;       /* of the first client */
static bool has_size;           /* of a device; a failure is not kept */
static uint64_t device_size;

struct client {
  struct pool_file file;
  uint64_t size;
};

static void
plugin_unload (void)
{
  pool_free (pool);
  pool = NULL;
  free (params.password);
  free (params.identities);
}

static int
config_bool (const char *value, bool *ret)
{
  const int r = nbdkit_parse_bool (value);

  if (r == -1)
    return -1;
  *ret = r;
  return 0;
}

static int
add_identity (const char *value)
{
  const char **identities =
    realloc (params.identities,
             (params.identities_len + 1) * sizeof *identities);

  if (identities == NULL) {
    nbdkit_error ("realloc: %m");
    return -1;
  }
  params.identities = identities;
  identities[params.identities_len++] = value;
  return 0;
}

static int
config_connections (const char *key, const char *value, uint32_t *ret)
{
  if (nbdkit_parse_uint32_t (key, value, ret) == -1)
    return -1;
  if (*ret >= 1 && *ret <= SSH_POOL_MAX)
    return 0;
  nbdkit_error ("%s must be from 1 to %d", key, SSH_POOL_MAX);
  return -1;
}

/* Strings that are kept as they are: libssh expands % in some of them. */
static const char **
string_of (const char *key)
{
  static const struct {
    const char *key;
    const char **value;
  } strings[] = {
    { "host", &params.host }, { "path", &params.path },
    { "port", &params.port }, { "user", &params.user },
    { "config", &params.config }, { "known-hosts", &params.known_hosts },
  };

  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
    if (strcmp (key, strings[i].key) == 0)
      return strings[i].value;
  return NULL;
}

static int
plugin_config (const char *key, const char *value)
{
  const char **string = string_of (key);

  if (string != NULL) {
    *string = value;
    return 0;
  }
  if (strcmp (key, "password") == 0) {
    free (params.password);
    params.password = NULL;
    return nbdkit_read_password (value, &params.password);
  }
  if (strcmp (key, "identity") == 0)
    return add_identity (value);
  if (strcmp (key, "verify-remote-host") == 0)
    return config_bool (value, &params.verify_remote_host);
  if (strcmp (key, "compression") == 0)
    return config_bool (value, &params.compression);
  if (strcmp (key, "timeout") == 0)
    return nbdkit_parse_uint32_t ("timeout", value, &params.timeout_s);
  if (strcmp (key, "connections") == 0)
    return config_connections (key, value, &max_connections);
  if (strcmp (key, "ahead") == 0)
    return config_connections (key, value, &ahead);
  nbdkit_error ("unknown parameter '%s'", key);
  return -1;
}

static int
plugin_config_complete (void)
{
  if (params.host != NULL && params.path != NULL)
    return 0;
  nbdkit_error ("you must supply the host and path parameters after the "
                "plugin name on the command line");
  return -1;
}

#define plugin_config_help \
  "host=<HOST>     (required) SSH server hostname.\n" \
  "[path=]<PATH>   (required) SSH remote path.\n" \
  "port=<PORT>                SSH protocol port number.\n" \
  "user=<USER>                SSH user name.\n" \
  "password=<PASSWORD>        SSH password.\n" \
  "config=<CONFIG>            Alternate local SSH configuration file.\n" \
  "known-hosts=<FILENAME>     Set location of known_hosts file.\n" \
  "identity=<FILENAME>        Prepend private key (identity) file.\n" \
  "timeout=SECS               Set SSH connection timeout.\n" \
  "verify-remote-host=false   Ignore known_hosts.\n" \
  "compression=true           Enable compression.\n" \
  "connections=N              SSH connections, at most (default 8).\n" \
  "ahead=N                    How many begin before they have enough to do."

static bool
have_pool (struct trouble *why)
{
  pthread_mutex_lock (&lock);
  if (pool == NULL)
    pool = pool_new (&params, max_connections, ahead);
  pthread_mutex_unlock (&lock);
  if (pool == NULL)
    trouble_set (why, TROUBLE_LOST, "no memory");
  return pool != NULL;
}

/* That of a device is found once for all clients. */
static bool
find_size (const struct sftp_attrs *attrs, uint64_t *ret, struct trouble *why)
{
  bool found;

  *ret = attrs->size;
  if (!ssh_device_is (attrs))
    return true;
  pthread_mutex_lock (&lock);
  has_size = has_size || ssh_device_size (pool, &device_size, why);
  found = has_size;
  *ret = device_size;
  pthread_mutex_unlock (&lock);
  return found;
}

/* Threads may be started: nbdkit has forked. */
static void *
plugin_open (int readonly)
{
  struct trouble why = { .kind = TROUBLE_NONE };
  struct client *client = calloc (1, sizeof *client);

  (void) readonly;
  if (client == NULL) {
    nbdkit_error ("calloc: %m");
    return NULL;
  }
  if (have_pool (&why) && pool_open (pool, &client->file, &why)) {
    if (find_size (&client->file.attrs, &client->size, &why))
      return client;
    pool_close (pool);
  }
  nbdkit_error ("%s", why.text);
  free (client);
  return NULL;
}

static void
plugin_close (void *handle)
{
  pool_close (pool);
  free (handle);
}

static int64_t
plugin_get_size (void *handle)
{
  const struct client *client = handle;

  return (int64_t) client->size;
}

static int
plugin_can_multi_conn (void *handle)
{
  (void) handle;
  return 1;
}

/* Who has read the last byte might not ask for anything more. */
static bool
read_bytes (const struct client *client, void *buf, uint32_t count,
            uint64_t offset, struct trouble *why)
{
  return offset + count == client->size
    ? pool_read_end (pool, buf, count, offset, why)
    : pool_read (pool, buf, count, offset, NULL, why);
}

static bool
is_unchanged (const struct client *client, struct trouble *why)
{
  const char *change = pool_change (pool, &client->file);

  if (change != NULL)
    trouble_set (why, TROUBLE_SERVER, "read failed: %s", change);
  return change == NULL;
}

static int
plugin_pread (void *handle, void *buf, uint32_t count, uint64_t offset,
              uint32_t flags)
{
  const struct client *client = handle;
  struct trouble why;

  (void) flags;
  if (read_bytes (client, buf, count, offset, &why) &&
      is_unchanged (client, &why))
    return 0;
  nbdkit_error ("%s", why.text);
  nbdkit_set_error (EIO);
  return -1;
}

static struct nbdkit_plugin plugin = {
  .name = "v2vssh",
  .longname = "many reads at once over SSH",
  .version = PACKAGE_VERSION,
  .unload = plugin_unload,
  .config = plugin_config,
  .config_complete = plugin_config_complete,
  .config_help = plugin_config_help,
  .magic_config_key = "path",
  .open = plugin_open,
  .close = plugin_close,
  .get_size = plugin_get_size,
  .can_multi_conn = plugin_can_multi_conn,
  .pread = plugin_pread,
};

NBDKIT_REGISTER_PLUGIN (plugin)

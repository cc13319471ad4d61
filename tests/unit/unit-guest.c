/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Disk letters, descriptions of places, and guests as JSON. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "guest/guest-json.h"
#include "guest/guest-text.h"
#include "guest/guest.h"

static void
check_letters (unsigned index, const char *expected)
{
  char letters[DISK_LETTERS_MAX];
  unsigned back;

  disk_letters (index, letters);
  assert (strcmp (letters, expected) == 0);
  assert (disk_letters_parse (letters, &back) == 0);
  assert (back == index);
}

static void
test_letters (void)
{
  unsigned index;

  check_letters (0, "a");
  check_letters (25, "z");
  check_letters (26, "aa");
  check_letters (51, "az");
  check_letters (52, "ba");
  check_letters (701, "zz");
  check_letters (702, "aaa");
  check_letters (UINT32_MAX, "mwlqkwv");
  assert (disk_letters_parse ("", &index) == -1);
  assert (disk_letters_parse ("A", &index) == -1);
  assert (disk_letters_parse ("a1", &index) == -1);
  assert (disk_letters_parse ("zzzzzzzzzzzzzzzzzzzzzz", &index) == -1);
}

static void
check_describe (const struct location *location, const char *expected)
{
  struct error err = ERROR_INIT;
  CLEANUP_FREE char *actual = location_describe (location, &err);

  assert (actual != NULL);
  if (strcmp (actual, expected) != 0) {
    fprintf (stderr, "'%s' is not '%s'\n", actual, expected);
    abort ();
  }
}

static void
test_describe (void)
{
  struct location file = { .kind = LOCATION_FILE, .path = (char *) "/a b%" };
  const struct location ssh = {
    .kind = LOCATION_SSH, .host = (char *) "::1", .port = 22,
    .user = (char *) "root", .path = (char *) "/x y",
  };
  const struct location nbd = {
    .kind = LOCATION_NBD, .uri = (char *) "nbd+unix:///?socket=/s",
  };
  const struct location curl = {
    .kind = LOCATION_CURL, .uri = (char *) "https://h/p",
  };
  const struct location plugin = {
    .kind = LOCATION_PLUGIN, .plugin = (char *) "curl",
  };

  check_describe (&file, "/a b%");
  file.part.offset = 512;
  check_describe (&file, "/a b% (+512)");
  check_describe (&ssh, "ssh://root@[::1]:22/x y");
  check_describe (&nbd, "nbd+unix:///?socket=/s");
  check_describe (&curl, "https://h/p");
  check_describe (&plugin, "nbdkit curl");
}

static void
test_utf8 (void)
{
  char text[] = "a\033[1mb\xff\xc3\xa4\xc2\x9b" "c\n";

  assert (utf8_valid ("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"));
  assert (!utf8_valid ("\xc0\xaf"));         /* overlong */
  assert (!utf8_valid ("\xed\xa0\x80"));     /* a surrogate */
  assert (!utf8_valid ("\xf4\x90\x80\x80")); /* above U+10FFFF */
  assert (!utf8_valid ("\xe2\x82"));         /* cut off */
  utf8_sanitize (text, '?');
  assert (strcmp (text, "a?[1mb?\xc3\xa4??c?") == 0);
}

/* A guest whose every string is hostile, with secrets in its location. */
static struct guest *
hostile_guest (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = guest_new (&err);
  struct disk *disk = guest_add_disk (guest, &err);

  guest->name = strdup ("a\"b\\\n\xff\033[2J");
  disk->location.kind = LOCATION_CURL;
  disk->location.uri = strdup ("https://h/\xff");
  disk->location.user = strdup ("u");
  disk->location.password = secret_new ("sesame-1", 8, &err);
  assert (argv_append (&disk->location.cookie_params, "cookie=sesame-2",
                       &err) == 0);
  return guest;
}

static void
test_json (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = hostile_guest ();
  struct json_object *object = guest_json (guest, &err), *back, *value;
  const char *text = json_object_to_json_string (object);

  assert (utf8_valid (text));
  assert (strstr (text, "sesame") == NULL);
  back = json_tokener_parse (text);
  assert (back != NULL);
  assert (json_object_object_get_ex (back, "name", &value));
  assert (strcmp (json_object_get_string (value), "a\"b\\???[2J") == 0);
  assert (json_object_object_get_ex (back, "memory", &value));
  assert (value == NULL);
  assert (json_object_object_get_ex (back, "disks", &value));
  assert (json_object_array_length (value) == 1);
  json_object_put (back);
  json_object_put (object);
  guest_free (guest);
}

static void
test_text (void)
{
  struct error err = ERROR_INIT;
  struct guest *guest = hostile_guest ();
  CLEANUP_FREE char *text = NULL;
  size_t len;
  FILE *fp = open_memstream (&text, &len);

  assert (guest_text (guest, fp, &err) == 0);
  assert (fclose (fp) == 0);
  assert (strstr (text, "source name: a\"b\\\\x0a\\xff\\x1b[2J\n") != NULL);
  assert (strstr (text, "sda https://h/\\xff [unknown]\n") != NULL);
  assert (strstr (text, "sesame") == NULL);
  guest_free (guest);
}

/* A relative path is below a directory that may have been removed. */
static void
test_no_directory (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct location location = { .kind = LOCATION_FILE };
  char dir[] = "/tmp/unit-guest-XXXXXX";

  assert (mkdtemp (dir) != NULL && chdir (dir) == 0 && rmdir (dir) == 0);
  assert (location_parse ("missing", &location, &err) == -1);
  assert (strcmp (err.message, "getcwd: No such file or directory") == 0);
  assert (chdir ("/") == 0);
}

int
main (void)
{
  test_letters ();
  test_describe ();
  test_utf8 ();
  test_json ();
  test_text ();
  test_no_directory ();
  guest_free (NULL);
  return EXIT_SUCCESS;
}

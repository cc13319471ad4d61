/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of changed extents: what is understood, what becomes of it, and
 * what is refused.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "transfer/changed-extents.h"

#define MIB (UINT64_C (1) << 20)

/* The list in TEXT, LEN bytes, for a disk of SIZE bytes, as "offset+len
 * offset+len"; or the error.  The caller frees it.
 */
static char *
result_of (const char *text, size_t text_len, uint64_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct changed_extents extents = { .ranges = { .ptr = NULL } };
  char *ret = NULL;
  size_t len;
  FILE *fp = open_memstream (&ret, &len);

  assert (fp != NULL);
  if (changed_extents_parse (text, text_len, "f", &extents, &err) == -1 ||
      changed_extents_fit (&extents, size, "f", &err) == -1) {
    assert (err.reason == REASON_USAGE);
    fputs (err.message, fp);
  }
  else
    for (size_t i = 0; i < extents.ranges.len; i++)
      fprintf (fp, "%s%ju+%ju", i > 0 ? " " : "",
               (uintmax_t) extents.ranges.ptr[i].offset,
               (uintmax_t) extents.ranges.ptr[i].len);
  fclose (fp);
  changed_extents_reset (&extents);
  return ret;
}

static char *
result (const char *text, uint64_t size)
{
  return result_of (text, strlen (text), size);
}

static void
gives (const char *text, const char *expected)
{
  CLEANUP_FREE char *got = result (text, MIB);

  if (strcmp (got, expected) != 0)
    fprintf (stderr, "%s\ngives %s\nnot %s\n", text, got, expected);
  assert (strcmp (got, expected) == 0);
}

static void
is_refused (const char *text, const char *why)
{
  CLEANUP_FREE char *got = result (text, MIB);

  if (strstr (got, why) == NULL)
    fprintf (stderr, "%s\ngives %s\nnot %s\n", text, got, why);
  assert (strstr (got, why) != NULL);
}

static void
understands_lists (void)
{
  gives ("[]", "");
  gives (" [{\"start\":512,\"length\":512}]\n", "512+512");
  gives ("[{\"length\":5,\"start\":7,\"other\":[1]}]", "7+5");
  gives ("[{\"Start\":512,\"Length\":512}]", "512+512");
  gives ("[{\"start\":0,\"length\":1048576}]", "0+1048576");
  gives ("[{\"start\":5,\"length\":0}]", "");
}

static void
sorts_and_joins (void)
{
  gives ("[{\"start\":100,\"length\":10},{\"start\":0,\"length\":10}]",
         "0+10 100+10");
  gives ("[{\"start\":0,\"length\":10},{\"start\":10,\"length\":10}]",
         "0+20");
  gives ("[{\"start\":0,\"length\":100},{\"start\":10,\"length\":10},"
         "{\"start\":50,\"length\":100}]", "0+150");
}

static void
understands_vsphere (void)
{
  gives ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":"
         "[{\"start\":512,\"length\":512}]}", "512+512");
  gives ("{\"startOffset\":0,\"length\":524288,\"changedArea\":"
         "[{\"start\":0,\"length\":1}]}"
         "{\"startOffset\":524288,\"length\":524288,\"changedArea\":"
         "[{\"start\":524288,\"length\":1}]}", "0+1 524288+1");
  gives ("[{\"StartOffset\":524288,\"Length\":524288,\"ChangedArea\":null},"
         "{\"StartOffset\":0,\"Length\":524288}]", "");
  gives ("{\"returnval\":{\"startOffset\":0,\"length\":1048576}}", "");
}

static void
notices_lost_pages (void)
{
  is_refused ("{\"startOffset\":0,\"length\":524288}", "from offset 524288");
  is_refused ("{\"startOffset\":524288,\"length\":524288}",
              "from offset 0");
  is_refused ("[{\"startOffset\":0,\"length\":512},"
              "{\"startOffset\":524288,\"length\":524288}]",
              "from offset 512");
}

static void
refuses_numbers (void)
{
  is_refused ("[{\"start\":0,\"length\":1},{\"start\":-1,\"length\":1}]",
              "extent 2: \"start\" is negative");
  is_refused ("[{\"start\":0.5,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":1e3,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":\"0x200\",\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":\"\",\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":true,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":0,\"length\":\"-1\"}]", "is negative");
  is_refused ("[{\"start\":0,\"start\":512,\"length\":1}]", "given twice");
  is_refused ("[{\"start\":null,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":0}]", "\"length\" is missing");
  is_refused ("[{\"start\":9223372036854775807,\"length\":1}]", "too large");
  /* json-c takes the nearest that there is. */
  is_refused ("[{\"start\":18446744073709551616,\"length\":1}]", "too large");
  is_refused ("[{\"start\":0,\"length\":99999999999999999999999}]",
              "\"length\" is too large");
  is_refused ("[{\"start\":-9223372036854775809,\"length\":1}]",
              "is negative");
  is_refused ("[{\"start\":0,\"length\":1048577}]", "only 1048576 bytes");
  is_refused ("[{\"start\":9223372036854775806,"
              "\"length\":9223372036854775806}]", "too large");
  is_refused ("[{\"start\":999999999999999999,"
              "\"length\":99999999999999999}]", "too large");
  is_refused ("[{\"start\":99999999999999999,"
              "\"length\":99999999999999999}]", "only 1048576 bytes");
}

static void
refuses_other_things (void)
{
  is_refused ("", "empty");
  is_refused (" \n", "empty");
  is_refused ("null\n", "neither");
  is_refused ("5", "neither");
  is_refused ("{}", "neither");
  is_refused ("[{}]", "neither");
  is_refused ("[{\"start\":0,\"length\":1},{\"other\":1}]", "neither");
  is_refused ("StartOffset : 0", "JSON");
  is_refused ("[5]", "neither");
  is_refused ("[[]]", "neither");
  is_refused ("[{\"start\":0,\"length\":1}", "ends in the middle");
  is_refused ("[{\"start\":0,\"length\":1}]]", "byte 24");
  is_refused ("{\"startOffset\":0,\"length\":1,\"changedArea\":{}}",
              "\"start\" is missing");
  is_refused ("[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply");
  is_refused ("[{\"st\\xart\":0}]", "invalid JSON");
  is_refused ("[{\"start\":01,\"length\":1}]x", "invalid JSON");
  is_refused ("[{\"start\":1.,\"length\":1}]", "invalid JSON");
  is_refused ("[{\"start\":0,\"length\":1},]", "invalid JSON");
  is_refused ("[{\"start\":0 \"length\":1}]", "invalid JSON");
}

#define AREA "{\"start\":\"131072\",\"length\":\"65536\"}"

static void
understands_clients (void)
{
  static const char area[] = "131072+65536";

  gives ("{\"startOffset\":\"0\",\"length\":\"1048576\","
         "\"changedArea\":" AREA "}", area);
  gives ("{\"QueryChangedDiskAreasResponse\":{\"@xmlns\":\"urn:vim25\","
         "\"returnval\":{\"startOffset\":\"0\",\"length\":\"1048576\","
         "\"changedArea\":[" AREA "]}}}", area);
  gives ("{\"soapenv:Envelope\":{\"soapenv:Body\":{\"ns:Response\":"
         "[{\"ns:returnval\":[{\"ns:startOffset\":[{\"_\":\"0\",\"$\":"
         "{\"xsi:type\":\"xsd:long\"}}],\"ns:length\":[\"1048576\"],"
         "\"ns:changedArea\":[" AREA "]}]}]}}}", area);
  gives ("{\"start_offset\":0,\"length\":{\"@type\":\"xsd:long\","
         "\"#text\":\" 1048576\\n\"},\"changed_area\":[" AREA "]}", area);
  gives ("{\"value\":[{\"StartOffset\":0,\"Length\":1048576,"
         "\"ChangedArea\":{\"value\":[" AREA "],\"Count\":1}}],"
         "\"Count\":1}", area);
  gives ("{\"STARTOFFSET\":0,\"LENGTH\":1048576,\"DynamicProperty\":"
         "[{\"name\":\"x\"}],\"st\\u0061rt\":null}", "");
  gives ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":[]}", "");
  is_refused ("{\"returnval\":{}}", "neither");
  is_refused ("{\"returnval\":{\"startOffset\":0,\"length\":512}}",
              "from offset 512");
  /* PowerShell's ConvertTo-Json without -Depth */
  is_refused ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":"
              "[\"VMware.Vim.DiskChangeExtent\"]}", "not an array");
  is_refused ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":"
              "[null," AREA "]}", "not an array");
  is_refused ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":\"\"}",
              "not an array");
  is_refused ("{\"Fault\":{\"faultcode\":\"ServerFaultCode\","
              "\"faultstring\":\"A specified parameter\\n: deviceKey\"}}",
              "error of the server, not a list of extents: A specified "
              "parameter?: deviceKey");
}

static void
understands_xml (void)
{
#define PAGE(offset) "<returnval><startOffset>" offset "</startOffset>" \
    "<length>524288</length><changedArea><start>" offset "</start>" \
    "<length>512</length></changedArea><changedArea><start>1024</start>" \
    "<length> 512 </length></changedArea></returnval>"
#define ENVELOPE(page) "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" \
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/" \
    "envelope/\"><soapenv:Body><QueryChangedDiskAreasResponse " \
    "xmlns=\"urn:vim25\">" page "</QueryChangedDiskAreasResponse>" \
    "</soapenv:Body></soapenv:Envelope>\n"
  static const char two[] = "0+512 1024+512 524288+512";

  gives (ENVELOPE (PAGE ("0")) ENVELOPE (PAGE ("524288")), two);
  gives (PAGE ("0") PAGE ("524288"), two);
  gives (ENVELOPE (PAGE ("0") PAGE ("524288")), two);
  gives ("<returnval xsi:type=\"DiskChangeInfo\"><startOffset "
         "xsi:type=\"xsd:long\">0</startOffset><length>1048576</length>"
         "</returnval>", "");
  is_refused (ENVELOPE (PAGE ("0")), "from offset 524288");
  is_refused (ENVELOPE (""), "neither");
  is_refused ("<!-- -->", "neither");
  is_refused ("<a/>", "neither");
  is_refused ("<changedArea><start>0</start></changedArea>",
              "\"length\" is missing");
  is_refused ("<returnval><startOffset>0</startOffset>", "in the middle");
  is_refused ("<returnval><startOffset>0</start", "in the middle");
  is_refused ("<returnval></length>", "line 1");
  is_refused ("<a><start>0</start><length>1</length></a> and more",
              "outside the root element");
  is_refused ("<!DOCTYPE a><a/>", "f: ");
  is_refused (ENVELOPE ("<soapenv:Fault><faultcode>ServerFaultCode"
                        "</faultcode><faultstring>The session is not "
                        "authenticated.</faultstring></soapenv:Fault>"),
              "The session is not authenticated");
}

static void
understands_python (void)
{
#define VIM "(vim.VirtualMachine.DiskChangeInfo) {\n" \
    "   dynamicType = <unset>,\n" \
    "   dynamicProperty = (vmodl.DynamicProperty) [],\n" \
    "   startOffset = 0,\n   length = 1048576L,\n   changedArea = " \
    "(vim.VirtualMachine.DiskChangeInfo.DiskChangeExtent) "
#define EXTENT(start) \
    "      (vim.VirtualMachine.DiskChangeInfo.DiskChangeExtent) {\n" \
    "         dynamicType = <unset>,\n         start = " start ",\n" \
    "         length = 512\n      }"
#define SUDS "(DiskChangeInfo){\n   startOffset = 0\n   length = 1048576\n" \
    "   changedArea[] = "
  gives (VIM "[\n" EXTENT ("512") ",\n" EXTENT ("2048") "\n   ]\n}\n",
         "512+512 2048+512");
  gives (VIM "[]\n}", "");
  gives ("[" VIM "[]\n}]", "");
  gives ("[" EXTENT ("0") "," EXTENT ("1024") "]", "0+512 1024+512");
  gives ("(vim.VirtualMachine.DiskChangeInfo.DiskChangeExtent) []", "");
  gives (SUDS "\n      (DiskChangeExtent){\n         start = 512\n"
         "         length = 512\n      },\n      (DiskChangeExtent){\n"
         "         start = 2048\n         length = 512\n      },\n }\n",
         "512+512 2048+512");
  gives (SUDS "<empty>\n }\n", "");
  gives ("{'startOffset': 0, 'length': 1048576, 'changedArea': [\n"
         "    {'start': 512, 'length': 512, 'x': None}]}", "512+512");
  is_refused (VIM "[\n" EXTENT ("512") ",\n", "in the middle");
  is_refused (VIM "[\n" EXTENT ("512") ",\n   ...\n]}", "cannot understand");
  is_refused (VIM "[]", "in the middle");
  is_refused ("(vim.VirtualMachine) {", "in the middle");
  is_refused ("(", "in the middle");
  is_refused ("('x", "cannot understand");
  is_refused ("{'start", "in the middle");
  is_refused ("{'start': 0, 'length': 0.5}", "not an integer");
}

#define ENTRY(offset, len, type, what) "{\"offset\":" offset ",\"length\":" \
    len ",\"type\":" type ",\"description\":\"" what "\"}"

static void
understands_maps (void)
{
  gives ("[" ENTRY ("0", "131072", "0", "clean") ","
         ENTRY ("131072", "65536", "1", "dirty") ","
         ENTRY ("196608", "851968", "0", "clean") "]", "131072+65536");
  gives ("[" ENTRY ("0", "1048576", "0", "clean") "]", "");
  /* a part that jq has chosen */
  gives ("[" ENTRY ("512", "512", "1", "dirty") ","
         ENTRY ("2048", "512", "1", "dirty") "]", "512+512 2048+512");
  /* rbd diff --format json */
  gives ("[{\"offset\":0,\"length\":512,\"exists\":\"true\"},"
         "{\"offset\":1024,\"length\":512,\"exists\":\"false\"}]",
         "0+512 1024+512");
  is_refused ("[" ENTRY ("0", "131072", "0", "clean") ","
              ENTRY ("131072", "65536", "1", "dirty") "]",
              "from offset 196608");
  is_refused ("[" ENTRY ("0", "131072", "0", "data") "]", "dirty bitmap");
  is_refused ("[" ENTRY ("0", "131072", "3", "hole,zero") "]",
              "dirty bitmap");
  is_refused ("[" ENTRY ("0", "131072", "0", "dirty") "]", "dirty bitmap");
  is_refused ("[{\"offset\":0,\"length\":1,\"type\":1}]",
              "dirty bitmap");
  is_refused ("[{\"start\":0,\"length\":131072,\"depth\":0,"
              "\"present\":true,\"zero\":false,\"data\":true,"
              "\"offset\":0}]", "qemu-img map");
}

static void
understands_utf16 (void)
{
  static const char text[] = "\n[{\"start\":512,\"length\":512,\"x\":\"~\"}]";
  char units[2 * sizeof text + 2];

  gives ("\xef\xbb\xbf[]", "");
  is_refused ("\xef\xbb\xbf", "empty");
  for (int big = 0; big < 2; big++)
    for (int mark = 0; mark < 2; mark++) {
      CLEANUP_FREE char *got = NULL;
      char *p = units;

      if (mark == 1) {
        *p++ = (char) (big ? 0xfe : 0xff);
        *p++ = (char) (big ? 0xff : 0xfe);
      }
      for (size_t i = 0; i < sizeof text - 1; i++) {
        /* A character that UTF-8 has in three bytes. */
        p[big] = (char) (text[i] == '~' ? 0x42 : text[i]);
        p[1 - big] = (char) (text[i] == '~' ? 0x30 : 0);
        p += 2;
      }
      got = result_of (units, (size_t) (p - units), MIB);
      assert (strcmp (got, "512+512") == 0);
    }
}

/* The last extent may end where the last block does. */
static void
cuts_what_is_rounded_up (void)
{
  static const struct { uint64_t end, size; const char *expected; } cases[] = {
    { 1024, 1000, "512+488" },
    { 65536, 1000, "512+488" },
    { 1048576, 1000, "512+488" },
    { 2097152, 1000, "only 1000 bytes" },
    { 1536, 1000, "only 1000 bytes" },
    { 1001, 1000, "only 1000 bytes" },
    { 1024, 512, "only 512 bytes" },
    { 1048577, MIB, "only 1048576 bytes" },
    { 1049088, MIB, "only 1048576 bytes" },
  };

  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    CLEANUP_FREE char *got = NULL;
    char text[100];

    snprintf (text, sizeof text, "[{\"start\":512,\"length\":%ju}]",
              (uintmax_t) cases[i].end - 512);
    got = result (text, cases[i].size);
    if (strstr (got, cases[i].expected) == NULL)
      fprintf (stderr, "%s: %s\n", text, got);
    assert (strstr (got, cases[i].expected) != NULL);
  }
}

int
main (void)
{
  understands_lists ();
  sorts_and_joins ();
  understands_vsphere ();
  notices_lost_pages ();
  refuses_numbers ();
  refuses_other_things ();
  understands_clients ();
  understands_xml ();
  understands_python ();
  understands_maps ();
  understands_utf16 ();
  cuts_what_is_rounded_up ();
  return 0;
}

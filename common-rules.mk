# SPDX-License-Identifier: GPL-2.0-or-later

# Included by every Makefile.am that compiles.

NULL =

AM_CPPFLAGS = \
	-I$(top_srcdir)/lib \
	-DPACKAGE_LOCALEDIR=\"$(localedir)\" \
	-DPACKAGE_PKGLIBDIR=\"$(pkglibdir)\" \
	$(NULL)
AM_CFLAGS = \
	-std=gnu11 \
	-pthread \
	$(WARN_CFLAGS) \
	$(SANITIZE_CFLAGS) \
	$(LIBNBD_CFLAGS) \
	$(LIBXML2_CFLAGS) \
	$(JSON_C_CFLAGS) \
	$(XXHASH_CFLAGS) \
	$(LIBCURL_CFLAGS) \
	$(LIBARCHIVE_CFLAGS) \
	$(ZLIB_CFLAGS) \
	$(ZSTD_CFLAGS) \
	$(BLKID_CFLAGS) \
	$(EXT2FS_CFLAGS) \
	$(NTFS_3G_CFLAGS) \
	$(GNUTLS_CFLAGS) \
	$(LIBSELINUX_CFLAGS) \
	$(LIBVIRT_CFLAGS) \
	$(NULL)
V2V_LIBS = \
	$(top_builddir)/lib/libv2vnbdkit.a \
	$(LIBNBD_LIBS) \
	$(LIBXML2_LIBS) \
	$(JSON_C_LIBS) \
	$(XXHASH_LIBS) \
	$(LIBCURL_LIBS) \
	$(LIBARCHIVE_LIBS) \
	$(ZLIB_LIBS) \
	$(LIBDEFLATE_LIBS) \
	$(ZSTD_LIBS) \
	$(BLKID_LIBS) \
	$(EXT2FS_LIBS) \
	$(NTFS_3G_LIBS) \
	$(GNUTLS_LIBS) \
	$(LIBSELINUX_LIBS) \
	$(LIBVIRT_LIBS) \
	$(NULL)

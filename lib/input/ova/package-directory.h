/* SPDX-License-Identifier: GPL-2.0-or-later */

#ifndef V2V_PACKAGE_DIRECTORY_H
#define V2V_PACKAGE_DIRECTORY_H

#include "input/ova/package-members.h"

/* List the files of the directory at the package's location. */
extern int package_list_directory (struct package *, struct error *err);

#endif /* V2V_PACKAGE_DIRECTORY_H */

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# clients/v2v_nbdkit_launch.go: results, errors, password, and ending a run.
. ./functions.sh
. "$abs_srcdir/clients.sh"

requires_plugin file
requires_program go
mkdir -p "$tmpdir/program/v2vnbdkitlaunch"
cp "$abs_top_srcdir/clients/v2v_nbdkit_launch.go" \
    "$tmpdir/program/v2vnbdkitlaunch"
cd "$tmpdir/program"
printf 'module example\n\ngo 1.13\n' >go.mod
cat >main.go <<'EOF'
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"example/v2vnbdkitlaunch"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	command := v2vnbdkitlaunch.Command{
		Program:   os.Getenv("V2V_PROGRAM"),
		Arguments: os.Args[1:],
		Stdout:    os.Stdout,
		Stderr:    os.Stderr,
		OnEvent: func(event v2vnbdkitlaunch.Event) {
			fmt.Println(event.Type)
			if os.Getenv("V2V_STOP") != "" && event.Phase == "convert" {
				cancel()
			}
		},
	}
	if name, ok := os.LookupEnv("V2V_PASSWORD"); ok {
		content, _ := os.ReadFile(name)
		password := strings.TrimSpace(string(content))
		command.Password = &password
	}
	result, err := v2vnbdkitlaunch.Run(ctx, command)
	var failure *v2vnbdkitlaunch.Error
	switch {
	case errors.Is(err, context.Canceled):
		os.Exit(4)
	case errors.As(err, &failure):
		fmt.Println("failed", failure.Reason, failure.Retryable)
		os.Exit(3)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, disk := range result.Disks {
		fmt.Println("made", disk.Target)
	}
}
EOF
expect env GOCACHE="$tmpdir/go-cache" GOPROXY=off GOTOOLCHAIN=local \
    GOFLAGS=-mod=mod go build -o "$tmpdir/program/program" .
cd "$abs_builddir"
try_client "$tmpdir/program/program"

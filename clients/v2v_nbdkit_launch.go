// SPDX-License-Identifier: 0BSD

// Package v2vnbdkitlaunch runs v2v-nbdkit-launch(1).
//
//	result, err := v2vnbdkitlaunch.Run(ctx, v2vnbdkitlaunch.Command{
//		Arguments: []string{"https://example.com/disk.img",
//			"-o", "disk", "-os", "/var/tmp"},
//	})
//	var failure *v2vnbdkitlaunch.Error
//	if errors.As(err, &failure) && failure.Retryable {
//		...
//	}
//
// What is in events and results: v2v-nbdkit-launch-scripting(1).
package v2vnbdkitlaunch

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// Command is one run.
type Command struct {
	Program   string // "v2v-nbdkit-launch" if it is empty
	Arguments []string
	Password  *string     // goes through a pipe; nil: there is none
	OnEvent   func(Event) // is called with each object; may be nil
	Env       []string    // as in exec.Cmd
	Stdout    io.Writer
	Stderr    io.Writer
}

// Event is one of the objects that a run reports.  Raw is all of it.
type Event struct {
	Type    string          `json:"type"`
	Message string          `json:"message"`
	Phase   string          `json:"phase"`
	Disk    *int            `json:"disk"` // nil: about the whole run
	Done    int64           `json:"done"`
	Total   int64           `json:"total"`
	Rate    float64         `json:"rate"`
	Raw     json.RawMessage `json:"-"`
}

// Disk is what a run made of one disk.
type Disk struct {
	Disk         int    `json:"disk"`
	Target       string `json:"target"`
	Format       string `json:"format"`
	VirtualSize  int64  `json:"virtual_size"`
	BytesRead    int64  `json:"bytes_read"`
	BytesWritten int64  `json:"bytes_written"`
	Checksum     string `json:"checksum"`
	Verified     bool   `json:"verified"`
}

// Result is what a run made.
type Result struct {
	Changed bool    `json:"changed"`
	Seconds float64 `json:"seconds"`
	Disks   []Disk  `json:"disks"`
}

// Error is a run that failed.
type Error struct {
	Message   string   `json:"message"`
	Reason    string   `json:"reason"`
	Hint      string   `json:"hint"`
	Detail    []string `json:"detail"`
	Retryable bool     `json:"retryable"`
	Resumable bool     `json:"resumable"`
	Status    int      `json:"-"` // -1: killed by a signal
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s", e.Reason, e.Message)
}

// Run runs the command.  The error is an *Error if the run failed.  When ctx
// is done, the run is ended, cleans up by itself, and leaves nothing behind.
func Run(ctx context.Context, command Command) (*Result, error) {
	child, pipe, err := start(command)
	if err != nil {
		return nil, err
	}
	defer pipe.Close()
	ended := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ctx.Done():
			child.Process.Signal(syscall.SIGTERM)
		case <-ended:
		}
	}()
	last, kind, readError := read(pipe, command.OnEvent)
	if readError != nil {
		child.Process.Signal(syscall.SIGTERM)
	}
	waitError := child.Wait()
	close(ended)
	<-stopped
	switch {
	case ctx.Err() != nil && waitError != nil:
		return nil, ctx.Err()
	case readError != nil:
		return nil, readError
	case kind == "result":
		result := new(Result)
		return result, json.Unmarshal(last, result)
	case waitError == nil: // --run, --print-source: see OnEvent
		return new(Result), nil
	}
	failure := &Error{Reason: "internal", Status: child.ProcessState.ExitCode()}
	if kind == "" { // killed: the same call may succeed
		failure.Message = fmt.Sprint(waitError)
		failure.Retryable = true
	} else if err := json.Unmarshal(last, failure); err != nil {
		return nil, err
	}
	return nil, failure
}

func start(command Command) (*exec.Cmd, *os.File, error) {
	program := command.Program
	if program == "" {
		program = "v2v-nbdkit-launch"
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer writer.Close()
	arguments := []string{"--machine-readable=fd:3"}
	files := []*os.File{writer} // the first is descriptor 3
	if command.Password != nil {
		password, err := pipeWith(*command.Password + "\n")
		if err != nil {
			reader.Close()
			return nil, nil, err
		}
		defer password.Close()
		arguments = append(arguments, "-ip", "fd:4")
		files = append(files, password)
	}
	child := exec.Command(program, append(arguments, command.Arguments...)...)
	child.ExtraFiles = files
	child.Env = command.Env
	child.Stdout = command.Stdout
	child.Stderr = command.Stderr
	if err := child.Start(); err != nil {
		reader.Close()
		return nil, nil, err
	}
	return child, reader, nil
}

func pipeWith(text string) (*os.File, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	_, err = writer.WriteString(text)
	if closeError := writer.Close(); err == nil {
		err = closeError
	}
	if err != nil {
		reader.Close()
		return nil, err
	}
	return reader, nil
}

// read returns the last object, and its type if that ends a run.
func read(pipe io.Reader, onEvent func(Event)) ([]byte, string, error) {
	var last []byte
	kind := ""
	lines := bufio.NewReader(pipe)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var event Event
			if err := json.Unmarshal(line, &event); err != nil {
				return nil, "", err
			}
			if event.Type == "result" || event.Type == "error" {
				last, kind = line, event.Type
			}
			if onEvent != nil {
				event.Raw = line
				onEvent(event)
			}
		}
		if err == io.EOF {
			return last, kind, nil
		}
		if err != nil {
			return nil, "", err
		}
	}
}

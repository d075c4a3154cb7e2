// Independent eyes on our log: none of the verifying code here is ours.
//
//	witness VKEY            a C2SP witness (the omniwitness library) on 127.0.0.1; prints its address and its vkey
//	notes VKEYS FILE...     opens each checkpoint with golang.org/x/mod/sumdb/note
//	proof VKEYS FILE        checks a .tlog-proof with golang.org/x/mod/sumdb/tlog
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: witness VKEY | notes VKEYS FILE... | proof VKEYS FILE")
	}
	keys, err := verifiers(args[1])
	if err != nil {
		return err
	}
	switch args[0] {
	case "witness":
		return serve(keys)
	case "notes":
		for _, file := range args[2:] {
			if _, err := open(keys, file); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		fmt.Printf("%d notes open\n", len(args[2:]))
		return nil
	case "proof":
		return check(keys, args[2])
	}
	return errors.New("no such command")
}

// verifiers takes vkeys separated by commas.
func verifiers(list string) ([]note.Verifier, error) {
	var keys []note.Verifier
	for _, vkey := range strings.Split(list, ",") {
		key, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func open(keys []note.Verifier, file string) (*note.Note, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return note.Open(text, note.VerifierList(keys...))
}

func serve(keys []note.Verifier) error {
	ctx := context.Background()
	secret, public, err := note.GenerateKey(rand.Reader, "witness.test/other")
	if err != nil {
		return err
	}
	_ = public
	signer, err := f_note.NewSignerForCosignatureV1(secret)
	if err != nil {
		return err
	}
	w, err := witness.New(ctx, witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			for _, key := range keys {
				if key.Name() == origin {
					return key, true, nil
				}
			}
			return nil, false, nil
		},
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s %s\n", listener.Addr(), cosignerVkey(secret, signer))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", witness.NewHTTPHandler(w).AddCheckpoint)
	return http.Serve(listener, mux)
}

// cosignerVkey writes the witness's public key as a vkey of type 0x04.
func cosignerVkey(secret string, signer note.Signer) string {
	// PRIVATE+KEY+name+id+base64, and base64 has plus signs of its own.
	fields := strings.SplitN(secret, "+", 5)
	seed, _ := base64.StdEncoding.DecodeString(fields[4])
	public := publicOf(seed[1:])
	return fmt.Sprintf("%s+%08x+%s", signer.Name(), signer.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{4}, public...)))
}

func check(keys []note.Verifier, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, checkpoint, found := bytes.Cut(text, []byte("\n\n"))
	if !found {
		return errors.New("no checkpoint in the proof")
	}
	signed, err := note.Open(checkpoint, note.VerifierList(keys...))
	if err != nil {
		return err
	}
	tree := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(tree[1], 10, 64)
	if err != nil {
		return err
	}
	root, err := tlog.ParseHash(tree[2])
	if err != nil {
		return err
	}
	var index int64
	var entry []byte
	var path tlog.RecordProof
	lines := bufio.NewScanner(bytes.NewReader(head))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "c2sp.org/tlog-proof@v1":
		case strings.HasPrefix(line, "extra "):
			if entry, err = base64.StdEncoding.DecodeString(line[len("extra "):]); err != nil {
				return err
			}
		case strings.HasPrefix(line, "index "):
			if index, err = strconv.ParseInt(line[len("index "):], 10, 64); err != nil {
				return err
			}
		default:
			hash, err := tlog.ParseHash(line)
			if err != nil {
				return err
			}
			path = append(path, hash)
		}
	}
	if err := tlog.CheckRecord(path, size, root, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d\n", index, size)
	return nil
}

// Durable appends to Tessera's POSIX log by many writers, each of which waits for its index before it adds another: bench/tessera.ts.
package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"flag"
	"log"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	folder := flag.String("folder", "", "where the log is made")
	writers := flag.Int("writers", 64, "")
	size := flag.Int("bytes", 2500, "of an entry")
	batch := flag.Uint("batch", 256, "most entries that are integrated at once")
	age := flag.Duration("age", 5*time.Millisecond, "how long a batch waits for more")
	warm := flag.Duration("warm", 2*time.Second, "")
	lasts := flag.Duration("lasts", 6*time.Second, "")
	flag.Parse()

	ctx := context.Background()
	secret, _, err := note.GenerateKey(rand.Reader, "bench.example")
	if err != nil {
		log.Fatal(err)
	}
	signer := must(note.NewSigner(secret))
	driver := must(posix.New(ctx, posix.Config{Path: *folder}))
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(*batch, *age).
		WithCheckpointInterval(time.Second)
	appender, shutdown, _, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		log.Fatal(err)
	}

	body := make([]byte, *size)
	rand.Read(body)
	var counter atomic.Uint64
	begin := time.Now().Add(*warm)
	end := begin.Add(*lasts)
	waits := make([][]float64, *writers)
	var all sync.WaitGroup
	for writer := range waits {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				asked := time.Now()
				if asked.After(end) {
					return
				}
				entry := append([]byte(nil), body...)
				binary.BigEndian.PutUint64(entry, counter.Add(1))
				if _, err := appender.Add(ctx, tessera.NewEntry(entry))(); err != nil {
					log.Fatal(err)
				}
				if asked.After(begin) {
					waits[writer] = append(waits[writer], float64(time.Since(asked).Microseconds())/1000)
				}
			}
		}()
	}
	all.Wait()
	took := time.Since(begin).Seconds()
	var sorted []float64
	for _, own := range waits {
		sorted = append(sorted, own...)
	}
	sort.Float64s(sorted)
	shutdown(ctx)
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"per_second": float64(len(sorted)) / took,
		"p50_ms":     sorted[len(sorted)/2],
		"p99_ms":     sorted[len(sorted)*99/100],
	})
}

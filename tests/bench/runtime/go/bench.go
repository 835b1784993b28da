// bench.go: the twin of ../bench.cpp: name, nanoseconds per operation, and of CPU time.
// bench PROCESSORS NAME...   (no NAME: all)
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

type timed struct {
	wall time.Time
	cpu  float64
}

var cpuPerOperation float64

func processCPU() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func start() timed { return timed{time.Now(), processCPU()} }

func per(t timed, n float64) float64 {
	wall := float64(time.Since(t.wall).Nanoseconds())
	cpuPerOperation = (processCPU() - t.cpu) / n
	return wall / n
}

func yield() float64 {
	const n = 5000000
	var wg sync.WaitGroup
	t := start()
	wg.Add(2)
	for f := 0; f < 2; f++ {
		go func() {
			for i := 0; i < n; i++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	return per(t, 2*n)
}

func pingPong() float64 {
	const n = 1000000
	a, b := make(chan int), make(chan int)
	t := start()
	go func() {
		for v := range a {
			b <- v
		}
	}()
	for i := 0; i < n; i++ {
		a <- i
		<-b
	}
	close(a)
	return per(t, n)
}

func stream(capacity, pairs, n int) float64 {
	c := make(chan int, capacity)
	var senders, receivers sync.WaitGroup
	t := start()
	for p := 0; p < pairs; p++ {
		senders.Add(1)
		receivers.Add(1)
		go func() {
			for i := 0; i < n/pairs; i++ {
				c <- i
			}
			senders.Done()
		}()
		go func() {
			for range c {
			}
			receivers.Done()
		}()
	}
	senders.Wait()
	close(c)
	receivers.Wait()
	return per(t, float64(n))
}

func fanIn(capacity int) float64 {
	const senders, each = 1000, 2000
	c := make(chan int, capacity)
	t := start()
	for s := 0; s < senders; s++ {
		go func() {
			for i := 0; i < each; i++ {
				c <- i
			}
		}()
	}
	for i := 0; i < senders*each; i++ {
		<-c
	}
	return per(t, senders*each)
}

func select2(capacity int) float64 {
	const n = 2000000
	a, b := make(chan int, capacity), make(chan int, capacity)
	for _, c := range []chan int{a, b} {
		c := c
		go func() {
			for i := 0; i < n/2; i++ {
				c <- i
			}
		}()
	}
	t := start()
	for i := 0; i < n; i++ {
		select {
		case <-a:
		case <-b:
		}
	}
	return per(t, n)
}

func select8(capacity int) float64 {
	const n = 1000000
	var c [8]chan int
	for k := range c {
		x := make(chan int, capacity)
		c[k] = x
		go func() {
			for i := 0; i < n/8; i++ {
				x <- i
			}
		}()
	}
	t := start()
	for i := 0; i < n; i++ {
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
	return per(t, n)
}

func selectTimeout() float64 {
	const n = 1000000
	c := make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			c <- i
		}
	}()
	t := start()
	for i := 0; i < n; i++ {
		select {
		case <-c:
		case <-time.After(time.Second):
		}
	}
	return per(t, n)
}

func spawnJoin() float64 {
	const n = 1000000
	var wg sync.WaitGroup
	t := start()
	wg.Add(n)
	for i := 0; i < n; i++ {
		go func() { wg.Done() }()
	}
	wg.Wait()
	return per(t, n)
}

func park(n int, reused bool) float64 {
	result := 0.0
	rounds := 1
	if reused {
		rounds = 2
	}
	for r := 0; r < rounds; r++ {
		gate := make(chan int)
		var ready, gone sync.WaitGroup
		ready.Add(n)
		gone.Add(n)
		t := start()
		for i := 0; i < n; i++ {
			go func() {
				ready.Done()
				<-gate
				gone.Done()
			}()
		}
		ready.Wait()
		result = per(t, float64(n))
		close(gate)
		gone.Wait()
	}
	return result
}

func wakeByClose() float64 {
	const n = 100000
	result := 0.0
	for r := 0; r < 2; r++ {
		gate := make(chan int)
		var ready, gone sync.WaitGroup
		ready.Add(n)
		gone.Add(n)
		for i := 0; i < n; i++ {
			go func() {
				ready.Done()
				<-gate
				gone.Done()
			}()
		}
		ready.Wait()
		time.Sleep(time.Millisecond)
		t := start()
		close(gate)
		gone.Wait()
		result = per(t, n)
	}
	return result
}

func sieve() float64 {
	in := make(chan int)
	t := start()
	go func(c chan int) {
		for i := 2; ; i++ {
			c <- i
		}
	}(in)
	for i := 0; i < 2000; i++ {
		prime := <-in
		out := make(chan int)
		go func(in, out chan int) {
			for {
				v := <-in
				if v%prime != 0 {
					out <- v
				}
			}
		}(in, out)
		in = out
	}
	return per(t, 1)
}

func chain() float64 {
	const stages, n = 100, 100000
	first := make(chan int)
	in := first
	for s := 0; s < stages; s++ {
		out := make(chan int)
		go func(in, out chan int) {
			for v := range in {
				out <- v + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	t := start()
	go func() {
		for i := 0; i < n; i++ {
			first <- i
		}
		close(first)
	}()
	for range in {
	}
	return per(t, 1)
}

func sleepers() float64 {
	var wg sync.WaitGroup
	t := start()
	for i := 0; i < 100000; i++ {
		wg.Add(1)
		go func() {
			time.Sleep(100 * time.Millisecond)
			wg.Done()
		}()
	}
	wg.Wait()
	return per(t, 1)
}

var sink uint32
var rounds int

func spin(n int) {
	x := uint32(1)
	for i := 0; i < n; i++ {
		x = x*1664525 + 1013904223
	}
	if x == 0 {
		sink = x
	}
}

func pool(workers int) float64 {
	const n = 1000000
	if rounds == 0 {
		t := start()
		spin(10000000)
		rounds = int(1000 / per(t, 10000000))
	}
	jobs := make(chan int, 128)
	var wg sync.WaitGroup
	t := start()
	for w := 0; w < workers; w++ {
		wg.Add(1)
		go func() {
			for range jobs {
				spin(rounds)
			}
			wg.Done()
		}()
	}
	for i := 0; i < n; i++ {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	return per(t, n)
}

func skynetNode(out chan int, number, size int) {
	if size == 1 {
		out <- number
		return
	}
	results := make(chan int)
	for i := 0; i < 10; i++ {
		go skynetNode(results, number+i*size/10, size/10)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-results
	}
	out <- sum
}

func skynet() float64 {
	out := make(chan int)
	t := start()
	go skynetNode(out, 0, 1000000)
	if <-out != 499999500000 {
		panic("skynet")
	}
	return per(t, 1)
}

func locks(yields bool) float64 {
	fibers, each := 1000, 5000
	if yields {
		each = 200
	}
	var m sync.Mutex
	shared := 0
	var wg sync.WaitGroup
	t := start()
	for f := 0; f < fibers; f++ {
		wg.Add(1)
		go func() {
			for i := 0; i < each; i++ {
				m.Lock()
				shared++
				if yields {
					runtime.Gosched()
				}
				m.Unlock()
			}
			wg.Done()
		}()
	}
	wg.Wait()
	return per(t, float64(fibers*each))
}

func main() {
	all := []struct {
		name string
		run  func() float64
	}{
		{"yield", yield},
		{"ping-pong", pingPong},
		{"unbuffered", func() float64 { return stream(0, 1, 2000000) }},
		{"buffered-1-1", func() float64 { return stream(128, 1, 5000000) }},
		{"buffered-4-4", func() float64 { return stream(128, 4, 5000000) }},
		{"select-2-0", func() float64 { return select2(0) }},
		{"select-2-128", func() float64 { return select2(128) }},
		{"select-8-0", func() float64 { return select8(0) }},
		{"select-8-128", func() float64 { return select8(128) }},
		{"select-timeout", selectTimeout},
		{"spawn-join", spawnJoin},
		{"park-100k", func() float64 { return park(100000, false) }},
		{"park-1M", func() float64 { return park(1000000, false) }},
		{"park-reused", func() float64 { return park(100000, true) }},
		{"wake-close", wakeByClose},
		{"sieve", sieve},
		{"chain", chain},
		{"sleepers", sleepers},
		{"pool-8", func() float64 { return pool(8) }},
		{"pool-1000", func() float64 { return pool(1000) }},
		{"skynet", skynet},
		{"fan-in-0", func() float64 { return fanIn(0) }},
		{"fan-in-128", func() float64 { return fanIn(128) }},
		{"mutex", func() float64 { return locks(false) }},
		{"mutex-yield", func() float64 { return locks(true) }},
		{"echo-10k", func() float64 { return echo(10000, 10000, 50) }},
		{"echo-10-of-10k", func() float64 { return echo(10000, 10, 30000) }},
	}
	if len(os.Args) > 1 {
		if p, err := strconv.Atoi(os.Args[1]); err == nil && p > 0 {
			runtime.GOMAXPROCS(p)
		}
	}
	for _, b := range all {
		wanted := len(os.Args) < 3
		for _, name := range os.Args[min(2, len(os.Args)):] {
			wanted = wanted || name == b.name
		}
		if wanted {
			ns := b.run()
			fmt.Printf("%s %.1f %.1f\n", b.name, ns, cpuPerOperation)
		}
	}
}

func min(a, b int) int {
	if a < b {
		return a
	}
	return b
}

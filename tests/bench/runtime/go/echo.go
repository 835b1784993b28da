// echo.go: the twin of ../echo.cpp, on the net package.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

const message = 64

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// So many, or as many as this system lets a process have.
func connectionsOf(wanted int) int {
	const others = 64
	var limit syscall.Rlimit
	check(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	check(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	return min(wanted, int(limit.Max-others)/2)
}

func connection(fd int) net.Conn {
	f := os.NewFile(uintptr(fd), "socket")
	c, err := net.FileConn(f)
	check(err)
	f.Close()
	return c
}

func serve(c net.Conn) {
	var buffer [message]byte
	for {
		if _, err := io.ReadFull(c, buffer[:]); err != nil {
			break
		}
		_, err := c.Write(buffer[:])
		check(err)
	}
	c.Close()
}

func ask(c net.Conn, rounds int) {
	var buffer [message]byte
	for i := 0; i < rounds; i++ {
		_, err := c.Write(buffer[:])
		check(err)
		_, err = io.ReadFull(c, buffer[:])
		check(err)
	}
}

func echo(connections, busy, rounds int) float64 {
	connections = connectionsOf(connections)
	busy = min(busy, connections)
	var clients []net.Conn
	var servers, warm, idle sync.WaitGroup
	end := make(chan int)
	for i := 0; i < connections; i++ {
		ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, 0)
		check(err)
		clients = append(clients, connection(ends[0]))
		c := connection(ends[1])
		servers.Add(1)
		go func() {
			serve(c)
			servers.Done()
		}()
	}
	for i, c := range clients {
		c := c
		warm.Add(1)
		if i < busy {
			go func() {
				ask(c, 1)
				warm.Done()
			}()
			continue
		}
		idle.Add(1)
		go func() {
			ask(c, 1)
			warm.Done()
			<-end
			idle.Done()
		}()
	}
	warm.Wait()
	var asking sync.WaitGroup
	t := start()
	for _, c := range clients[:busy] {
		c := c
		asking.Add(1)
		go func() {
			ask(c, rounds)
			asking.Done()
		}()
	}
	asking.Wait()
	result := per(t, float64(busy*rounds))
	close(end)
	idle.Wait()
	for _, c := range clients {
		c.Close()
	}
	servers.Wait()
	return result
}

// Follows the devices of an installation: go run . devices.json
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	team    = "wallboard"
	durable = team + "-subscriber-provisioning"
	request = time.Second
)

func main() {
	if err := follow(os.Args[1], slices.Contains(os.Args, "--until-idle")); err != nil {
		log.Fatal(err)
	}
}

func follow(file string, untilIdle bool) error {
	devices, err := Open(file)
	if err != nil {
		return err
	}
	seed, err := nats.NkeyOptionFromSeed(os.Getenv("NATS_SEED"))
	if err != nil {
		return err
	}
	nc, err := nats.Connect(os.Getenv("NATS_URL"), seed,
		nats.CustomInboxPrefix("_INBOX_"+team), nats.MaxReconnects(-1))
	if err != nil {
		return err
	}
	defer nc.Drain()
	js, err := jetstream.NewWithAPIPrefix(nc, "JSP")
	if err != nil {
		return err
	}
	// What an earlier run did not acknowledge would come late, and out of order: begin with it. Its
	// last request must be over by then, or it would be answered in our place.
	time.Sleep(request)
	if _, err := js.ResetConsumer(context.Background(), "PROVISIONING", durable); err != nil {
		return err
	}
	events, err := js.Consumer(context.Background(), "PROVISIONING", durable)
	if err != nil {
		return err
	}
	for {
		count, err := takeSome(events, devices)
		if err != nil || (count == 0 && untilIdle) {
			return err
		}
	}
}

func takeSome(events jetstream.Consumer, devices *Devices) (int, error) {
	batch, err := events.Fetch(100, jetstream.FetchMaxWait(request))
	if err != nil {
		return 0, err
	}
	var messages []jetstream.Msg
	for message := range batch.Messages() {
		var event Event
		if err := json.Unmarshal(message.Data(), &event); err != nil {
			return 0, err
		}
		if err := devices.Take(event); err != nil {
			return 0, err
		}
		messages = append(messages, message)
	}
	if len(messages) == 0 {
		return 0, batch.Error()
	}
	if err := devices.Store(); err != nil {
		return 0, err
	}
	for _, message := range messages {
		if err := message.DoubleAck(context.Background()); err != nil { // only what is stored
			return 0, err
		}
	}
	return len(messages), nil
}

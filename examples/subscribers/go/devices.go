package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Event is what of a CloudEvent this subscriber needs.
type Event struct {
	Type    string `json:"type"`
	Subject string `json:"subject"`
	Version int    `json:"version"`
	Data    struct {
		DeviceID      string   `json:"device_id"`
		Name          string   `json:"name"`
		SipAccountIDs []string `json:"sip_account_ids"`
	} `json:"data"`
}

// Device is what this subscriber remembers of one.
type Device struct {
	Name     string `json:"name"`
	Accounts int    `json:"accounts"`
	Active   bool   `json:"active"`
}

// Devices is a fold of device events. It knows how far it has come with each device.
type Devices struct {
	file     string
	Versions map[string]int     `json:"versions"`
	Devices  map[string]*Device `json:"devices"`
}

// Open reads what an earlier run has stored.
func Open(file string) (*Devices, error) {
	devices := &Devices{file: file, Versions: map[string]int{}, Devices: map[string]*Device{}}
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return devices, nil
	}
	if err != nil {
		return nil, err
	}
	return devices, json.Unmarshal(content, devices)
}

// Take folds one event. Nothing is stored before Store.
func (d *Devices) Take(event Event) error {
	seen := d.Versions[event.Subject]
	if event.Version <= seen {
		return nil // delivered once more
	}
	if event.Version > seen+1 {
		return fmt.Errorf("%s: %d came after %d; set the durable back to 1, delete %s, and read again",
			event.Subject, event.Version, seen, d.file)
	}
	d.fold(event)
	d.Versions[event.Subject] = event.Version
	return nil
}

func (d *Devices) fold(event Event) {
	data := event.Data
	switch event.Type {
	case "provisioning.v1.DeviceCreated":
		d.Devices[data.DeviceID] = &Device{data.Name, len(data.SipAccountIDs), true}
	case "provisioning.v1.DeviceRenamed":
		d.Devices[data.DeviceID].Name = data.Name
	case "provisioning.v1.DeviceAccountsChanged":
		d.Devices[data.DeviceID].Accounts = len(data.SipAccountIDs)
	case "provisioning.v1.DeviceDeactivated":
		d.Devices[data.DeviceID].Active = false
	case "provisioning.v1.DeviceReactivated":
		d.Devices[data.DeviceID].Active = true
	case "provisioning.v1.DeviceRemoved":
		delete(d.Devices, data.DeviceID)
	} // new kinds of events join without notice
}

// Store replaces the file in one step. Acknowledge only after it.
func (d *Devices) Store() error {
	content, err := json.Marshal(d)
	if err != nil {
		return err
	}
	file, err := os.Create(d.file + ".new")
	if err != nil {
		return err
	}
	_, written := file.Write(content)
	if err := errors.Join(written, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), d.file)
}

// Follows the devices of an installation: node subscriber.mjs devices.json

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";

const TEAM = "wallboard";
const DURABLE = `${TEAM}-subscriber-provisioning`;
const REQUEST_MS = 1000;
const file = process.argv[2];
const untilIdle = process.argv.includes("--until-idle");
const state = existsSync(file)
  ? JSON.parse(readFileSync(file, "utf8"))
  : { versions: {}, devices: {} };

const folds = {
  "provisioning.v1.DeviceCreated": (id, data) => {
    state.devices[id] = { name: data.name, accounts: data.sip_account_ids.length, active: true };
  },
  "provisioning.v1.DeviceRenamed": (id, data) => { state.devices[id].name = data.name; },
  "provisioning.v1.DeviceAccountsChanged": (id, data) => {
    state.devices[id].accounts = data.sip_account_ids.length;
  },
  "provisioning.v1.DeviceDeactivated": (id) => { state.devices[id].active = false; },
  "provisioning.v1.DeviceReactivated": (id) => { state.devices[id].active = true; },
  "provisioning.v1.DeviceRemoved": (id) => { delete state.devices[id]; },
};

function take(event) {
  const seen = state.versions[event.subject] ?? 0;
  if (event.version <= seen) return; // delivered once more
  if (event.version > seen + 1) {
    throw new Error(
      `${event.subject}: ${event.version} came after ${seen}. ` +
        `Set the durable back to 1, delete ${file}, and read again.`,
    );
  }
  folds[event.type]?.(event.data.device_id, event.data); // new kinds join without notice
  state.versions[event.subject] = event.version;
}

function store() {
  writeFileSync(`${file}.new`, JSON.stringify(state), { flush: true });
  renameSync(`${file}.new`, file);
}

const nc = await connect({
  servers: process.env.NATS_URL,
  authenticator: nkeyAuthenticator(readFileSync(process.env.NATS_SEED)),
  inboxPrefix: `_INBOX_${TEAM}`,
  maxReconnectAttempts: -1,
});
const api = { apiPrefix: "JSP", checkAPI: false };
// What an earlier run did not acknowledge would come late, and out of order: begin with it. Its
// last request must be over by then, or it would be answered in our place.
await setTimeout(REQUEST_MS);
await (await jetstreamManager(nc, api)).consumers.reset("PROVISIONING", DURABLE);
const durable = await jetstream(nc, api).consumers.get("PROVISIONING", DURABLE);

for (;;) {
  const messages = [];
  for await (const message of await durable.fetch({ max_messages: 100, expires: REQUEST_MS })) {
    take(message.json());
    messages.push(message);
  }
  if (messages.length) store();
  for (const message of messages) message.ack(); // only what is stored
  if (!messages.length && untilIdle) break;
}
await nc.drain();

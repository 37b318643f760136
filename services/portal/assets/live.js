// Live parts of pages. Browsers open six connections to a server, and a stream holds one for as long
// as its page is open: so all tabs together take a few, and share what comes.
//
// Tabs that show the same part elect one of them by a Web Lock; the others listen to it. The elected
// ones take turns at so many streams as there are places. Where there are no locks (without HTTPS),
// each page has a stream of its own. For htmx this looks like an EventSource.
"use strict";

const PLACES = 3;
const TURN_MILLISECONDS = 3000;
const NAMES = ["part", "signed-out"];

const locks = navigator.locks;
const queue = new BroadcastChannel("switchboard-live-places");
const place = (number) => `switchboard-live-place-${number}`;

// Runs `work` when a place is free; it is handed the number of its place.
async function inTurn(work, signal) {
  for (let number = 0; number < PLACES; number++) {
    const done = await locks.request(place(number), { ifAvailable: true }, async (lock) => {
      if (lock) await work(number);
      return Boolean(lock);
    });
    if (done) return;
  }
  const number = Math.floor(Math.random() * PLACES);
  queue.postMessage(number);
  await locks.request(place(number), { signal }, () => work(number));
}

class Shared extends EventTarget {
  readyState = EventSource.CONNECTING;
  #ended = new AbortController();
  #last;
  #leave = () => {};

  constructor(address) {
    super();
    this.address = address;
    this.tabs = new BroadcastChannel(`switchboard-live ${address}`);
    this.tabs.onmessage = ({ data }) => this.#heard(data);
    // What was sent while this page was on its way is asked for.
    this.tabs.postMessage({ name: "joined" });
    this.#lead().catch(() => {});
  }

  close() {
    this.readyState = EventSource.CLOSED;
    this.#ended.abort();
    this.#leave();
    this.tabs.close();
  }

  #lead() {
    const { signal } = this.#ended;
    return locks.request(`switchboard-live ${this.address}`, { signal }, async () => {
      while (!signal.aborted) await inTurn((number) => this.#stream(number), signal);
    });
  }

  #stream(number) {
    if (this.#ended.signal.aborted) return undefined;
    return new Promise((leave) => {
      const source = new EventSource(this.address);
      const since = Date.now();
      const wanted = ({ data }) => {
        if (data !== number) return;
        const left = document.hidden ? 0 : since + TURN_MILLISECONDS - Date.now();
        setTimeout(this.#leave, Math.max(left, 0));
      };
      this.#leave = () => {
        queue.removeEventListener("message", wanted);
        source.close();
        leave();
      };
      queue.addEventListener("message", wanted);
      for (const name of NAMES) source.addEventListener(name, ({ data }) => this.#came(name, data));
      source.onopen = () => this.#opened();
      source.onerror = () => this.#failed(source);
    });
  }

  #opened() {
    this.readyState = EventSource.OPEN;
    this.onopen?.();
  }

  // The browser tries again by itself, unless the server has said no: then htmx begins anew, later.
  #failed(source) {
    const closed = source.readyState === EventSource.CLOSED;
    if (closed) this.close();
    this.onerror?.(new Event("error"));
  }

  #came(name, data) {
    if (name === "part") this.#last = data;
    this.tabs.postMessage({ name, data });
    this.#tell(name, data);
  }

  #heard({ name, data }) {
    if (name !== "joined") this.#tell(name, data);
    else if (this.#last !== undefined) this.tabs.postMessage({ name: "part", data: this.#last });
  }

  #tell(name, data) {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

htmx.createEventSource = (address) => (locks ? new Shared(address) : new EventSource(address));

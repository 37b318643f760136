// Keeps a page's session alive and says how it stands. An ES module for any page:
//   new Session(cookie({ beat: "session/beat", signOut: "session/sign-out" }),
//     { seconds: 15, onstate: ({ name, reason, detail, since }) => … });
// `name` is "connecting" until the first answer; "connected" when the server has just said so;
// "reconnecting" when it gave no answer: it is asked again by itself, and at once when the network is
// back or the page is seen again; "signed-out" for good, with the `reason` (user, connection_lost,
// grace_over, takeover, forced, limit, desk_withdrawn, unknown) and `detail`, words for people.
// Whether a session outlives a lost connection ("stay signed in") is decided by the server.
//
// A transport has a `name`, which tabs that share a session have in common, and `beat(signal)` and
// `signOut(signal)`, which answer with a Response: 2xx is signed in, 401 is signed out because of
// the `reason` in its problem document, anything else is no answer.
//
// Pages allow `script-src 'self'; connect-src 'self'`. Timers run in a worker of this same file:
// browsers slow those of a hidden page down to one a minute, and leases are shorter than that.

if (typeof WorkerGlobalScope !== "undefined") {
  let timer;
  onmessage = ({ data: milliseconds }) => {
    clearTimeout(timer);
    timer = setTimeout(() => postMessage(null), milliseconds);
  };
}

/** The id of this browser, for the server's `machine_id`: made up once, and kept. */
export const machineId = (store = localStorage) => (store["switchboard-machine"] ??= randomId());

/** Beats until the session is over. It begins at once; `state` is the last that `onstate` was told. */
export class Session {
  state = { name: "connecting", since: new Date() };
  #worker = new Worker(import.meta.url, { type: "module" });
  #listening = new AbortController();
  #failures = 0;
  #heard = 0;
  #due = 0;
  #asking = false;
  #timer;

  /** `seconds` is how often to beat: `heartbeat_seconds` in the answer to the sign-in. */
  constructor(transport, { onstate = () => {}, seconds = 15 } = {}) {
    Object.assign(this, { transport, onstate, seconds });
    this.tabs = new BroadcastChannel(`switchboard-session-${transport.name}`);
    this.tabs.onmessage = ({ data }) => this.#told(data);
    this.#worker.onmessage = this.#ring;
    const { signal } = this.#listening;
    addEventListener("online", () => this.check(), { signal });
    addEventListener("offline", () => this.#noAnswer("This machine is offline."), { signal });
    addEventListener("pageshow", this.#seen, { signal });
    addEventListener("visibilitychange", this.#seen, { signal });
    this.check();
  }

  /** Ask the server now: after a hint that something has changed. Never rejects. */
  async check() {
    if (this.#asking || this.#listening.signal.aborted) return;
    this.#asking = true;
    try {
      await this.#answered(await this.transport.beat(this.#patience()));
    } catch {
      this.#noAnswer("The server cannot be reached.");
    } finally {
      this.#asking = false;
    }
  }

  /** Sign out in all tabs. Rejects, and changes nothing, when the server did not do it. */
  async signOut() {
    const answer = await this.transport.signOut(this.#patience());
    if (!answer.ok && answer.status !== 401) throw new Error((await problem(answer)).detail);
    this.#over({ reason: "user", detail: "You signed out." });
  }

  /** The server has said in another way that the session is over, for this `reason`. */
  end(reason) {
    this.#over({ reason });
  }

  /** Stop beating and listening, and leave the session as it is. */
  stop() {
    this.#listening.abort();
    this.#worker.terminate();
    clearTimeout(this.#timer);
    this.tabs.close();
  }

  async #answered(answer) {
    if (answer.status === 401) return this.#over(await problem(answer));
    if (!answer.ok) return this.#noAnswer((await problem(answer)).detail);
    if (this.#listening.signal.aborted) return;
    this.tabs.postMessage({ name: "connected" });
    this.#connected(1);
  }

  // Another tab has asked, which is as good: the next beat is that tab's, unless it is gone.
  #told = (state) =>
    state.name === "connected" ? this.#connected(1.2 + Math.random() / 5) : this.#over(state);

  #connected(beats) {
    this.#failures = 0;
    this.#heard = Date.now();
    this.#become("connected");
    this.#later(beats * this.seconds);
  }

  #noAnswer(detail) {
    if (this.#listening.signal.aborted) return;
    this.#become("reconnecting", { detail });
    this.#later(Math.min(this.seconds, 2 ** this.#failures++) * (0.5 + Math.random() / 2));
  }

  #over({ reason = "unknown", detail }) {
    if (this.#listening.signal.aborted) return;
    this.tabs.postMessage({ name: "signed-out", reason, detail });
    this.stop();
    this.#become("signed-out", { reason, detail });
  }

  // Nobody knows what has happened while the machine slept.
  #seen = () => {
    if (document.hidden) return;
    const silence = this.#heard ? Date.now() - this.#heard : 0;
    if (silence > 2000 * this.seconds) this.#noAnswer("Asking the server.");
    this.check();
  };

  // The page's own timer is for browsers that do not let the worker run.
  #later(seconds) {
    this.#due = Date.now() + 1000 * seconds;
    this.#worker.postMessage(1000 * seconds);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#ring, 1000 * seconds);
  }
  #ring = () => Date.now() >= this.#due - 10 && this.check();

  #become(name, why = {}) {
    const before = this.state;
    if (name === before.name && why.detail === before.detail) return;
    this.state = { name, since: name === before.name ? before.since : new Date(), ...why };
    queueMicrotask(this.onstate.bind(null, this.state));
  }
  #patience = () => AbortSignal.timeout(Math.min(2000 * this.seconds, 10_000));
}

/** Transport to a server that keeps the tokens behind a cookie: two addresses that take a POST. */
export function cookie({ beat, signOut, headers }) {
  const options = { method: "POST", headers, redirect: "error" };
  const post = (address) => (signal) => fetch(address, { ...options, signal });
  return { name: "cookie", beat: post(beat), signOut: post(signOut) };
}

/** Transport to the sessions service itself, with tokens in `store`. Whatever runs in the page can
 * read them there: where there is a server to set a cookie, prefer that. */
export class Bearer {
  constructor({ base = "", store = localStorage, name = "bearer" } = {}) {
    Object.assign(this, { base, store, name, key: `switchboard-session-${name}` });
  }

  /** `form` is the body of `POST /api/v1/sign-in`, whose answer this is; its tokens are kept. */
  signIn = (form) => this.#tokens("sign-in", form);
  beat = (signal) => this.fetch("session/heartbeat", { method: "PUT", signal });
  signOut = (signal) => this.fetch("sign-out", { method: "POST", signal });

  /** Ask below `/api/v1/` as who is signed in. An access token that is no good is renewed. */
  async fetch(path, options = {}) {
    const { access_token } = this.#kept();
    const answer = await this.#send(path, access_token, options);
    if (answer.status !== 401 || !access_token) return answer;
    const renewed = await this.#renewed(access_token, options.signal);
    return renewed.ok ? this.#send(path, this.#kept().access_token, options) : renewed;
  }

  // A refresh token is good once: tabs take turns, and whoever got no answer repeats the attempt.
  #renewed(stale, signal) {
    const renew = async () => {
      const kept = this.#kept();
      if (kept.access_token !== stale) return new Response(null, { status: 204 });
      const { refresh_token, attempt = randomId() } = kept;
      this.#keep({ ...kept, attempt });
      return this.#tokens("sign-in/refresh", { refresh_token, attempt }, signal);
    };
    return navigator.locks ? navigator.locks.request(this.key, renew) : renew();
  }

  async #tokens(path, form, signal) {
    const body = JSON.stringify({ machine_id: machineId(this.store), ...form });
    const headers = { "Content-Type": "application/json" };
    const answer = await this.#send(path, null, { method: "POST", headers, body, signal });
    if (answer.ok) this.#keep(await answer.clone().json());
    return answer;
  }

  #send(path, token, options) {
    const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
    return fetch(`${this.base}/api/v1/${path}`, { ...options, headers });
  }

  #kept = () => JSON.parse(this.store[this.key] ?? "{}");
  #keep = ({ access_token, refresh_token, attempt }) =>
    (this.store[this.key] = JSON.stringify({ access_token, refresh_token, attempt }));
}

const randomId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
const problem = (answer) =>
  answer.json().catch(() => ({ detail: `The server answered with ${answer.status}.` }));

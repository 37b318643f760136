// Keeps the page signed in, and shows honestly how the connection stands.
import { Session, cookie } from "./session.js";

const meta = (name) => document.querySelector(`meta[name=${name}]`).content;
const shown = document.getElementById("connection");
const over = document.getElementById("session-over");

const transport = cookie({
  beat: "/session/beat",
  signOut: "/session/sign-out",
  headers: { "X-Form-Token": meta("form-token"), Accept: "application/json" },
});

function onstate(state) {
  shown.dataset.state = state.name;
  shown.textContent = shown.getAttribute(`data-${state.name}`) ?? "";
  if (state.name === "signed-out") signedOut(state);
  document.dispatchEvent(new CustomEvent("session", { detail: state }));
}

// What was typed stays to be seen and copied: the page goes only when the person says so.
function signedOut({ reason }) {
  const word = over.dataset[reason] ? reason : "unknown";
  document.getElementById("session-over-why").textContent = over.dataset[word];
  const way = document.getElementById("session-over-way");
  way.href = `/sign-in?ended=${encodeURIComponent(word)}&to=${encodeURIComponent(location.pathname)}`;
  over.showPopover();
  way.focus();
}

const session = new Session(transport, { seconds: Number(meta("heartbeat-seconds")), onstate });

// Live parts hear of the end at once; the next beat would be told only that nobody is signed in.
document.addEventListener("sse:signed-out", ({ detail }) => session.end(detail.data));

// Says since when there is no connection, and keeps forms from being sent into nowhere meanwhile.
const offline = document.getElementById("offline");
const since = document.getElementById("offline-since");
const page = document.documentElement.lang;
const own = navigator.languages.find((language) => language.startsWith(page));
const clock = new Intl.DateTimeFormat(own ?? page, { timeStyle: "short" });

function shown({ name, since: at }) {
  const away = name === "reconnecting";
  since.textContent = away ? clock.format(at) : "";
  offline.hidden = !away;
  for (const button of document.querySelectorAll("main button[type=submit]")) button.disabled = away;
}

document.addEventListener("session", ({ detail }) => shown(detail));

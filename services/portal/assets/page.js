// Small comforts of every page. Without them everything works as well.
"use strict";

// Times stand in the page as UTC; here they become those of the person's own clock.
function localTimes(root) {
  const page = document.documentElement.lang;
  const own = navigator.languages.find((language) => language.startsWith(page));
  const format = new Intl.DateTimeFormat(own ?? page, { dateStyle: "medium", timeStyle: "short" });
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
    time.dataset.local = "";
  }
}

// A form is sent once: its button says that it is on its way.
function busy(event) {
  const button = event.submitter;
  if (!button || event.defaultPrevented) return;
  setTimeout(() => {
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
  });
}

// A page that comes back from the browser's memory has nothing on its way.
function idle() {
  for (const button of document.querySelectorAll("button[aria-busy]")) {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}

async function copied(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.querySelector("span").textContent = button.dataset.done;
  } catch {
    // Without HTTPS there is no clipboard: one key press of the person does the same.
    getSelection().selectAllChildren(source);
  }
}

function clicked(event) {
  const button = event.target.closest("[data-copy], [data-print]");
  if (!button) return;
  if (button.dataset.copy) copied(button);
  else print();
}

// Paper cannot be clicked: what is folded is unfolded for it, and folded again.
function unfolded() {
  for (const part of document.querySelectorAll("main details:not([open])")) {
    part.dataset.folded = part.getAttribute("name") ?? "";
    part.removeAttribute("name");
    part.open = true;
  }
}

function folded() {
  for (const part of document.querySelectorAll("details[data-folded]")) {
    part.open = false;
    if (part.dataset.folded) part.setAttribute("name", part.dataset.folded);
    delete part.dataset.folded;
  }
}

localTimes(document);
document.addEventListener("htmx:afterSettle", (event) => localTimes(event.target));
document.addEventListener("htmx:sseMessage", (event) => localTimes(event.target));
document.addEventListener("submit", busy);
document.addEventListener("click", clicked);
addEventListener("pageshow", idle);
addEventListener("beforeprint", unfolded);
addEventListener("afterprint", folded);

// Shows the code of the address's fragment. It is put into no request, no storage and no log:
// only this page sees it, and the app that the person opens with it.
"use strict";

const CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{12}$/;
const BETWEEN = /[\s\u2212\p{Pd}\p{Zs}\p{Cf}]/gu;
const byId = (id) => document.getElementById(id);

// The letters that a fragment means, in groups as people read them; "" if they are no code.
function codeOf(fragment) {
  const letters = decoded(fragment).replace(BETWEEN, "").toUpperCase();
  return CODE.test(letters) ? letters.match(/.{4}/g).join("-") : "";
}

function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return "";
  }
}

// Softphones fetch their configuration from here. Browsers must not: that would use the code up.
function provisioningUrl(code) {
  return location.origin + location.pathname.replace(/\/activate\/?$/, "") + "/p/" + code;
}

function show() {
  const fragment = location.hash.slice(1);
  const code = codeOf(fragment);
  byId("with-code").hidden = !code;
  byId("without-code").hidden = Boolean(code);
  byId("wrong-code").hidden = Boolean(code) || !fragment;
  byId("copied").textContent = "";
  byId("code").textContent = code;
  byId("open").href = "linphone-config:" + provisioningUrl(code);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(byId("code").textContent);
    byId("copied").textContent = byId("copied").dataset.copied;
  } catch {
    // Without HTTPS there is no clipboard: one key press of the person does the same.
    getSelection().selectAllChildren(byId("code"));
    byId("copied").textContent = byId("copied").dataset.selected;
  }
}

byId("copy").addEventListener("click", copy);
addEventListener("hashchange", show);
show();

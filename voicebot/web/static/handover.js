// The call that comes to an agent: appears by itself on the agent's page; what the caller gave can be copied,
// and a verdict is sent without a reload.
import { morph } from "./morph.js";

const MOST_TRIES = 30; // seconds; what goes along with a call may be stored just after the call itself came
const place = document.getElementById("package");
const live = document.getElementById("live");
const previous = document.getElementById("previous");
let shown = "";
let tries = 0;

async function show(call) {
  const answer = await fetch(`/handover/${call}/part`, { signal: AbortSignal.timeout(5000) });
  const fresh = document.createElement("main");
  fresh.innerHTML = await answer.text();
  morph(place, fresh);
}

async function follow() {
  const call = document.getElementById("now")?.dataset.call ?? "";
  previous.hidden = call !== "" || shown === "";
  if (!call) return;
  if (call !== shown) {
    shown = call;
    tries = 0;
  } else if (tries >= MOST_TRIES || place.querySelector("[data-whole]")) {
    return;
  }
  tries += 1;
  try {
    await show(call);
  } catch { /* live.js tells that the connection is gone; the next second is another try */ }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  getSelection().selectAllChildren(document.getElementById(button.dataset.copy));
  document.execCommand("copy"); // navigator.clipboard is missing on an address without https
  button.firstChild.data = "Gekopieerd";
  setTimeout(() => { button.firstChild.data = "Kopieer"; }, 2000);
});

place.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (!answer.ok) throw new Error(answer.statusText);
    await show(form.closest("[data-call]").dataset.call);
    place.querySelector(".feedback select, .feedback button").focus();
  } catch {
    document.getElementById("connection").textContent = "Dat is niet opgeslagen. Probeer het nog eens.";
  }
});

if (live) {
  live.addEventListener("refreshed", follow);
  follow();
}

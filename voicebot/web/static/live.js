// Asks for the live part of the page every second.
import { morph } from "./morph.js";

const EVERY_MS = 1000;
const live = document.getElementById("live");
const connection = document.getElementById("connection");

async function refresh() {
  let told = "";
  try {
    const answer = await fetch(live.dataset.from, { signal: AbortSignal.timeout(5000) });
    if (answer.status === 401) {
      told = "U bent niet meer ingelogd. Ververs de pagina om uw code te geven.";
    } else {
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = document.createElement("main");
      fresh.innerHTML = await answer.text();
      morph(live, fresh);
      live.dispatchEvent(new Event("refreshed"));
    }
  } catch {
    told = "Geen verbinding met voicebot. We proberen het opnieuw.";
  }
  if (connection.textContent !== told) connection.textContent = told;
  setTimeout(refresh, EVERY_MS);
}

for (const transcript of document.querySelectorAll(".transcript")) transcript.scrollTop = transcript.scrollHeight;
setTimeout(refresh, EVERY_MS);

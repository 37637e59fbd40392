// Buttons that order something: asks whether that is meant where it cannot be undone, and tells how it went.
const told = document.getElementById("told");
const sure = document.getElementById("sure");
const phone = document.getElementById("my-phone");
const STAYS_MS = 15000;
const pending = new Set();
let clearing;
let whenSure;

function tell(sentence, well) {
  clearTimeout(clearing);
  told.textContent = sentence;
  told.classList.toggle("bad", !well);
  clearing = setTimeout(() => { told.textContent = ""; }, STAYS_MS);
}

function ask(what, orderIt) {
  document.getElementById("sure-what").textContent = what;
  whenSure = orderIt;
  sure.showModal();
}

async function send(order, fields) {
  try {
    const body = new URLSearchParams(fields);
    const answer = await fetch(`/commands/${order}`, { method: "POST", body, signal: AbortSignal.timeout(10000) });
    if (answer.headers.get("content-type") === "application/json") tell((await answer.json()).told, answer.ok);
    else tell(answer.status === 401 ? "U bent niet meer ingelogd. Ververs de pagina." : await answer.text(), false);
  } catch {
    tell("Dat is niet gelukt: geen verbinding met voicebot.", false);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-order]");
  if (!button || pending.has(button.id)) return;
  const { id, dataset: { order, call, agent, sure: what } } = button;
  const fields = call ? { call_id: call, phone: phone?.value ?? "" } : { agent };
  const orderIt = async () => {
    pending.add(id);
    await send(order, fields);
    pending.delete(id);
  };
  if (what === undefined) orderIt();
  else ask(what, orderIt);
});

sure?.addEventListener("submit", (event) => {
  if (event.submitter.value === "yes") whenSure();
});

if (phone) {
  const known = localStorage.getItem("voicebot-phone") ?? "";
  if (known && [...phone.options].some((option) => option.value === known)) phone.value = known;
  phone.addEventListener("change", () => localStorage.setItem("voicebot-phone", phone.value));
}

// Asks for the live part of the page every second and changes only what changed, so that focus,
// scroll position and screen readers are left in peace.
const EVERY_MS = 1000;
const live = document.getElementById("live");
const connection = document.getElementById("connection");

function update(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== Node.ELEMENT_NODE || old.tagName !== fresh.tagName) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const atEnd = old.scrollHeight - old.scrollTop - old.clientHeight < 40;
  updateChildren(old, fresh);
  if (atEnd && old.classList.contains("transcript")) old.scrollTop = old.scrollHeight;
}

function updateChildren(old, fresh) {
  const kept = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  const known = new Map();
  for (const child of [...old.children]) {
    if (!child.id) continue;
    if (kept.has(child.id)) known.set(child.id, child);
    else child.remove();
  }
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const twin = known.get(child.id) ?? (child.id || place?.id ? null : place);
    if (twin === null || twin === undefined) {
      old.insertBefore(child, place);
    } else {
      if (twin === place) place = place.nextSibling;
      else old.insertBefore(twin, place);
      update(twin, child);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

async function refresh() {
  try {
    const answer = await fetch("/live", { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = document.createElement("main");
    fresh.innerHTML = await answer.text();
    updateChildren(live, fresh);
    if (connection.textContent) connection.textContent = "";
  } catch {
    connection.textContent = "Geen verbinding met voicebot. We proberen het opnieuw.";
  }
  setTimeout(refresh, EVERY_MS);
}

for (const transcript of document.querySelectorAll(".transcript")) transcript.scrollTop = transcript.scrollHeight;
setTimeout(refresh, EVERY_MS);

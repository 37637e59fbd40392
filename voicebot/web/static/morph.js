// Makes one part of a page like a fresh one and changes only what changed, so that focus, scroll position
// and screen readers are left in peace.

export function morph(old, fresh) {
  const focused = document.activeElement;
  updateChildren(old, fresh);
  // a part that had to move has lost it
  if (focused !== document.activeElement && focused?.isConnected) focused.focus({ preventScroll: true });
}

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

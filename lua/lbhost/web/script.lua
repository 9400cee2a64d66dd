--- The script of all pages. It makes them live: their parts come again by server-sent events and are put in place of the
--- old ones, changing no more than what has changed, so that focus, selection, what is open and what is typed stay. Without it,
--- the pages show the same when they are loaded.
return [[
"use strict";
(() => {
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;
  const word = document.createElement("span"), button = document.createElement("button");
  word.setAttribute("role", "status");
  button.type = "button";
  button.className = "link";
  live.replaceChildren(word, button);
  let source = null, again = 0, paused = sessionStorage.getItem("paused") === "yes";

  const say = (text) => { if (word.textContent !== text) word.textContent = text; };

  const attributes = (old, fresh) => {
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name) && !(name === "open" && old.nodeName === "DETAILS")) old.removeAttribute(name);
    for (const { name, value } of [...fresh.attributes])
      if (old.getAttribute(name) !== value && !(name === "open" && old.nodeName === "DETAILS")) old.setAttribute(name, value);
  };

  const morph = (old, fresh) => {
    if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== fresh.data) old.data = fresh.data;
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE || old.isEqualNode(fresh)) return;
    attributes(old, fresh);
    const known = new Map(), wanted = new Set();
    for (const child of old.children) if (child.id) known.set(child.id, child);
    for (const child of fresh.children) if (child.id) wanted.add(child.id);
    let at = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      while (at && at.id && !wanted.has(at.id)) { const gone = at; at = at.nextSibling; gone.remove(); }
      const same = child.id && known.get(child.id);
      if (same) {
        if (same === at) at = at.nextSibling; else old.insertBefore(same, at);
        morph(same, child);
      } else if (at && !at.id && !child.id && at.nodeType === child.nodeType && at.nodeName === child.nodeName) {
        const next = at.nextSibling;
        morph(at, child);
        at = next;
      } else {
        old.insertBefore(child, at);
      }
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  };

  const show = (event) => {
    for (const part of JSON.parse(event.data)) {
      const old = document.getElementById(part.id), holder = document.createElement("template");
      holder.innerHTML = part.html;
      const fresh = holder.content.firstElementChild;
      if (old && fresh && fresh.id === part.id) morph(old, fresh);
    }
    say("Live");
  };

  const close = () => {
    clearTimeout(again);
    if (source) source.close();
    source = null;
  };

  const open = () => {
    close();
    if (paused || document.hidden) return;
    say("Connecting");
    source = new EventSource(live.dataset.events);
    source.addEventListener("parts", show);
    source.addEventListener("begin", (event) => {
      if (event.data !== live.dataset.run) location.reload(); // the program was started again: tokens are others
      else say("Live");
    });
    source.onerror = () => {
      say("Disconnected, trying again");
      // Refused, which it does not try again by itself: there are as many as there may be.
      if (source && source.readyState === EventSource.CLOSED) again = setTimeout(open, 10000);
    };
  };

  const switched = () => {
    button.textContent = paused ? "Resume" : "Pause";
    button.setAttribute("aria-label", paused ? "Resume updates" : "Pause updates");
    if (paused) { close(); say("Paused"); } else open();
  };

  button.addEventListener("click", () => {
    paused = !paused;
    sessionStorage.setItem("paused", paused ? "yes" : "no");
    switched();
  });
  // A browser has few connections to one host: tabs that nobody sees give theirs back.
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); else open(); });
  window.addEventListener("pagehide", close);
  switched();
})();
]]

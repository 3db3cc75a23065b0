// Saves reloading: the list of articles, or an article on its way, is asked for again every few seconds. Without this
// script all works as well.
"use strict";
(() => {
  const EVERY = 5000;

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) {
      event.preventDefault();
    }
  });

  const live = document.getElementById("live");
  const place = document.getElementById("pause");
  if (!live || !place) {
    return;
  }

  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  const label = document.createElement("label");
  label.className = "hint";
  label.append(box, " update by itself");
  place.append(label);

  // Whoever is at a button or link of it must not lose it.
  const inUse = () => live.contains(document.activeElement) || String(document.getSelection()) !== "";

  async function update() {
    if (!box.checked || document.hidden || inUse()) {
      return;
    }
    const answer = await fetch(live.dataset.address, { cache: "no-store" });
    if (answer.status === 401) {
      box.checked = false;
      label.textContent = "Logged out; load the page again.";
      return;
    }
    if (!answer.ok) {
      return;
    }
    const text = await answer.text();
    if (!inUse() && text !== shown) {
      shown = text;
      replace(text);
    }
    if (live.querySelector("[data-settled]")) {
      box.checked = false;
      label.textContent = "This article is done with.";
    }
  }

  // What somebody unfolded stays so.
  function replace(text) {
    const open = [...live.querySelectorAll("details[open]")].map((one) => one.id);
    live.innerHTML = text;
    for (const one of live.querySelectorAll("details")) {
      one.open = one.id !== "" && open.includes(one.id);
    }
  }

  let shown = "";
  let running = false;
  async function turn() {
    if (running) {
      return;
    }
    running = true;
    try {
      await update();
    } catch {
      // The server may be away for a moment; the next turn asks again.
    } finally {
      running = false;
    }
  }
  window.setInterval(turn, EVERY);
  document.addEventListener("visibilitychange", turn);
})();

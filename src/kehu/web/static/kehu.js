// Keyboard, row clicks and small menus. Every page works without it.
"use strict";
(() => {
  const typing = (node) => node.closest("input, select, textarea, [contenteditable]");
  let awaiting = -Infinity; // when g was pressed, by the person's clock: a page that was busy hears of keys late

  const go = (key) => {
    const found = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (found) window.location.assign(found.dataset.href);
  };

  const press = (event) => {
    const found = document.querySelector(`[data-key~="${CSS.escape(event.key)}"]`);
    if (found && !event.repeat) found.click();
    return found;
  };

  const step = (by) => {
    const rows = [...document.querySelectorAll("tr[data-href]")];
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("at"));
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (at >= 0) rows[at].classList.remove("at");
    next.classList.add("at");
    next.querySelector("a").focus();
  };

  const keys = {
    "/": () => document.querySelector("[data-focus-key='/']")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
    g: (event) => { awaiting = event.timeStamp; },
    j: () => step(1),
    k: () => step(-1),
  };

  document.addEventListener("keydown", (event) => {
    const down = event.key === "ArrowDown", up = event.key === "ArrowUp";
    if ((down && event.target.id === "q") || ((down || up) && event.target.closest?.("tr[data-href]"))) {
      event.preventDefault();
      step(down ? 1 : -1);
      return;
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open], details.pop[open]").forEach((node) => {
        node.open = false;
        node.querySelector("summary").focus();
      });
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.timeStamp - awaiting < 1200) {
      awaiting = -Infinity;
      go(event.key);
    } else if (press(event)) {
      event.preventDefault();
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key](event);
    }
  });

  document.addEventListener("htmx:load", (event) => event.target.querySelector("[data-focus]")?.focus());

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, summary") && !String(window.getSelection())) {
      window.location.assign(row.dataset.href);
    }
    document.querySelectorAll("details.menu[open], details.pop[open]").forEach((node) => {
      if (!node.contains(event.target)) node.open = false;
    });
  });
})();

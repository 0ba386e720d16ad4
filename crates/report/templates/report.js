"use strict";
(() => {
  const form = document.querySelector(".filters");
  const rows = [...document.querySelectorAll("[data-severity]")];
  const groups = [...document.querySelectorAll("[data-group]")];
  const count = form.querySelector("output");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());

  function filter() {
    const wanted = new Set([...form.elements.severity].filter((box) => box.checked).map((box) => box.value));
    const category = form.elements.category.value;
    const path = form.elements.path.value.trim().toLowerCase();
    let shown = 0, all = 0;
    for (const row of rows) {
      const { severity, category: own, path: at } = row.dataset;
      const fits = wanted.has(severity) && (!category || own === category) && (!path || at.toLowerCase().includes(path));
      row.hidden = !fits;
      if (row.localName === "li") {
        all += 1;
        shown += fits ? 1 : 0;
      }
    }
    const narrowed = shown < all;
    for (const group of groups) {
      group.hidden = narrowed && !group.querySelector("[data-severity]:not([hidden])");
    }
    count.value = `${shown} of ${all} findings`;
  }

  // What is hidden above moves the page: who filters keeps the filters in view.
  function refilter() {
    filter();
    if (form.getBoundingClientRect().bottom < 0) form.scrollIntoView();
  }

  let waiting = 0;
  form.addEventListener("input", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(refilter);
  });

  // A link to a finding opens it, whatever the filters say.
  function follow() {
    const finding = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (finding?.localName !== "details") return;
    for (let at = finding; at; at = at.parentElement) at.hidden = false;
    finding.open = true;
    finding.scrollIntoView();
  }
  addEventListener("hashchange", follow);

  // On paper nothing can be opened.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });

  filter();
  follow();
})();

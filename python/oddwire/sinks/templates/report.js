"use strict";
// Sorts, searches, pages and copies. The page is whole without it.
(() => {
  const SHOWN = 10;
  const body = document.querySelector("#ranking tbody");
  const rows = body ? [...body.rows] : [];
  const cards = [...document.querySelectorAll(".card")];
  const search = document.querySelector("#search");
  const count = document.querySelector("#count");
  const more = document.querySelector("#more");
  const said = document.querySelector("#said");
  const texts = new Map(rows.map((row) => [row, `${row.textContent} ${row.dataset.kind}`.toLowerCase()]));
  let all = false;

  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = [...body.rows].filter((row) => words.every((word) => texts.get(row).includes(word)));
    const visible = new Set(all ? fits : fits.slice(0, SHOWN));
    rows.forEach((row) => { row.hidden = !visible.has(row); });
    const anchors = new Set(fits.map((row) => row.dataset.link));
    const listed = new Set(rows.map((row) => row.dataset.link));
    cards.forEach((card) => { card.hidden = listed.has(card.id) && !anchors.has(card.id); });
    document.querySelectorAll(".story").forEach((story) => {
      story.hidden = [...story.querySelectorAll(".card")].every((card) => card.hidden);
    });
    more.hidden = fits.length <= SHOWN;
    more.textContent = all ? `Show the first ${SHOWN}` : `Show all ${fits.length.toLocaleString("en")}`;
    count.textContent = words.length ? `${fits.length} of ${rows.length} fit` : "";
  };

  const sort = (head, place) => {
    const down = head.getAttribute("aria-sort") !== "descending";
    document.querySelectorAll("#ranking th").forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => row.cells[place].dataset.key ?? row.cells[place].textContent.trim();
    const order = (a, b) => key(a).localeCompare(key(b), "en", { numeric: true });
    const sorted = [...rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
    body.append(...sorted);
    show();
  };

  const copied = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(source);
      return document.execCommand("copy");
    }
  };

  const copy = async (button) => {
    const done = await copied(document.getElementById(button.dataset.copy));
    button.textContent = done ? "Copied" : "Selected";
    said.textContent = done ? "Copied." : "Selected; copy it with the keyboard.";
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 1500);
  };

  document.querySelectorAll("[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  });
  if (!body) return;

  document.querySelectorAll("#ranking th").forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, place));
    head.append(button);
  });
  document.querySelector(".tools").hidden = rows.length < 2;
  search.addEventListener("input", show);
  more.addEventListener("click", () => { all = !all; show(); });
  addEventListener("beforeprint", () => rows.forEach((row) => { row.hidden = false; }));
  addEventListener("afterprint", show);
  addEventListener("keydown", (event) => {
    if (event.target === search && event.key === "Escape") { search.value = ""; show(); search.blur(); }
    if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "j" || event.key === "k") {
      const seen = cards.filter((card) => !card.hidden);
      const at = seen.findIndex((card) => card.contains(document.activeElement));
      const next = seen[event.key === "j" ? at + 1 : Math.max(at - 1, 0)];
      if (next) { next.focus(); next.scrollIntoView({ block: "start" }); }
    }
  });
  show();
})();

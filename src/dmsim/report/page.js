const tip = document.getElementById("tip");
function show(event) {
  const told = event.target.dataset && event.target.dataset.tip;
  tip.style.display = told ? "block" : "none";
  if (!told) return;
  const [head, ...rows] = told.split("\n");
  tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: head }));
  for (const row of rows) {
    const line = document.createElement("div");
    for (const part of row.split("\t")) {
      line.append(Object.assign(document.createElement("span"), { textContent: part }));
    }
    tip.append(line);
  }
  const box = tip.getBoundingClientRect();
  const left = event.clientX + 14;
  const fits = left + box.width < innerWidth - 8;
  tip.style.left = Math.max(8, fits ? left : event.clientX - 14 - box.width) + "px";
  tip.style.top = Math.max(8, Math.min(event.clientY + 12, innerHeight - box.height - 8)) + "px";
}
for (const kind of ["pointermove", "pointerdown"]) addEventListener(kind, show);
addEventListener("scroll", () => (tip.style.display = "none"), { passive: true });

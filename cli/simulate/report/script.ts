/**
 * Shows what a chart's part tells, under the pointer or a finger. Without it, browsers show the same texts by themselves
 * where there is a pointer; all values are in the tables, too.
 */
export const SCRIPT = `
(() => {
  const tip = document.getElementById("tip");
  const texts = new Map();
  for (const title of document.querySelectorAll("svg .tip > title")) {
    texts.set(title.parentNode, title.textContent.trim());
    title.remove();
  }
  let on;
  const hide = () => { on?.classList.remove("on"); on = undefined; tip.hidden = true; };
  const show = (event) => {
    const part = event.target instanceof Element ? event.target.closest(".tip") : null;
    if (part === null) { hide(); return; }
    if (part !== on) {
      hide();
      on = part;
      on.classList.add("on");
      tip.textContent = texts.get(part) ?? "";
      tip.hidden = false;
    }
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, event.clientX - width / 2), innerWidth - width - 8);
    const above = event.clientY - height - 14;
    tip.style.left = Math.max(8, left) + "px";
    tip.style.top = (above < 8 ? event.clientY + 18 : above) + "px";
  };
  document.addEventListener("pointermove", show);
  document.addEventListener("pointerdown", show);
  document.addEventListener("scroll", hide, { passive: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  // A finger that is lifted leaves the page, too.
  document.documentElement.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hide(); });
})();
`;

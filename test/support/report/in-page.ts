/**
 * Looks at a page, as text: what runs in the browser has other types than what runs here. Each gives what is wrong with
 * the page, as lines.
 */

/** Whether an element is seen, and whether its overflow is its own affair. */
const HELPERS = `
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const nameOf = (element) =>
    element.tagName.toLowerCase() + [...element.classList].map((name) => "." + name).join("") +
    " " + JSON.stringify(element.textContent.trim().slice(0, 40));
  const rgb = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const backgroundOf = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) layers.push(rgb(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((under, top) => over(top, under), { r: 255, g: 255, b: 255, a: 1 });
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
`;

const looking = (body: string): string => `(() => { ${HELPERS} const wrong = []; ${body} return wrong; })()`;

/** What is wider than the screen, apart from tables that scroll by themselves. */
export const OVERFLOW = looking(`
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push("the page is " + document.documentElement.scrollWidth + " wide");
  for (const element of document.querySelectorAll("body *")) {
    if (!isSeen(element) || element.closest(".scroll") !== null) continue;
    const { left, right } = element.getBoundingClientRect();
    if (left < -0.5 || right > width + 0.5) wrong.push(nameOf(element) + " reaches from " + left + " to " + right);
  }
`);

/** Charts without a mark, and marks outside of their charts. */
export const MARKS = looking(`
  const charts = [...document.querySelectorAll("svg.chart")].filter(isSeen);
  if (charts.length === 0) wrong.push("there is no chart");
  for (const chart of charts) {
    const area = chart.getBoundingClientRect();
    const marks = [...chart.querySelectorAll(".mark")];
    const where = nameOf(chart.closest("figure") ?? chart);
    if (marks.length === 0) wrong.push("no marks in " + where);
    if (area.width < 30 || area.height < 5) wrong.push(where + " is " + area.width + " by " + area.height);
    for (const mark of marks) {
      const box = mark.getBoundingClientRect();
      const isInside =
        box.left >= area.left - 1 && box.right <= area.right + 1 && box.top >= area.top - 1 && box.bottom <= area.bottom + 1;
      if (!isInside) wrong.push("a mark at " + JSON.stringify(box) + " outside of " + JSON.stringify(area) + " in " + where);
    }
    if (!marks.some((mark) => mark.getBoundingClientRect().width > 0)) wrong.push("nothing to see in " + where);
  }
`);

/** Text with less contrast than 4.5 to 1, marks and keys with less than 3 to 1. */
export const CONTRAST = looking(`
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let texts = 0;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.data.trim() === "" || element.closest("script, title") !== null || !isSeen(element)) continue;
    texts++;
    const background = backgroundOf(element);
    const ratio = contrast(over(rgb(getComputedStyle(element).color), background), background);
    const range = document.createRange();
    range.selectNodeContents(node);
    if (range.getBoundingClientRect().width === 0) wrong.push("no room for " + nameOf(element));
    if (ratio < 4.5) wrong.push(ratio.toFixed(2) + " " + nameOf(element));
  }
  if (texts < 50) wrong.push("only " + texts + " texts");
  for (const mark of document.querySelectorAll("rect.mark, path.line, .key")) {
    if (!isSeen(mark)) continue;
    const { fill, stroke, backgroundColor } = getComputedStyle(mark);
    const color = mark.matches(".key") ? backgroundColor : mark.matches(".line") ? stroke : fill;
    const ratio = contrast(rgb(color), backgroundOf(mark.closest(".panel")));
    if (ratio < 3) wrong.push(ratio.toFixed(2) + " of a mark in " + nameOf(mark.closest(".panel")));
  }
`);

/** Labels of one axis that lie on each other, or so close together that they read as one. */
export const LABELS = looking(`
  for (const axis of document.querySelectorAll(".xs, .ys, .marks")) {
    if (!isSeen(axis)) continue;
    const boxes = [...axis.children].map((label) => [label.textContent, label.getBoundingClientRect()]);
    boxes.forEach(([text, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
      const isApart = a.right + 3 <= b.left || b.right + 3 <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      if (!isApart) wrong.push(text + " lies on " + other + " in " + nameOf(axis.closest("figure")));
    }));
  }
`);

/** The tip: its text, and whether all of it is on the screen. */
export const TIP = `(() => {
  const tip = document.getElementById("tip");
  const { left, top, right, bottom } = tip.getBoundingClientRect();
  return {
    text: tip.textContent,
    isShown: tip.checkVisibility(),
    isOnScreen: left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight,
  };
})()`;

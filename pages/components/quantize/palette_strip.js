// The palette in cells of one size, each with a bar for its share; a click on a color asks what to do with it. One tab
// stop, arrow keys inside.

// [most colors, rows of cells]: the strip always has the same height, so that nothing below moves.
const ROWS = [[16, 1], [40, 2], [96, 3], [256, 4]];

export default function ({ data: [data], parentElement }) {
  const find = (selector) => parentElement.querySelector(selector);
  const strip = find(".strip");
  const said = find(".said");
  strip.classList.toggle("dimmed", data.dimmed && !strip.isLive);
  strip.setAttribute("aria-label", `Palette of ${data.colors.length} colors`);

  const describe = (color) =>
    `${color.hex} · rgb(${color.rgb.join(", ")}) · ${color.percent} · ${color.count} pixels` +
    (color.locked ? " · locked" : "");
  const alone = data.colors.find((color) => color.index === data.alone);
  const hint = () =>
    alone ? `Only the pixels of ${alone.hex} are shown.` : "Click a color to copy, lock, exchange or see it alone.";
  const tell = (message) => {
    said.textContent = message;
    clearTimeout(strip.telling);
    strip.telling = setTimeout(() => (said.textContent = hint()), 2500);
  };
  const act = (action) => window.dispatchEvent(new CustomEvent(COLOR_EVENT, { detail: action }));

  const part = (name, text) => Object.assign(document.createElement("span"), { className: name, textContent: text });
  const drawn = (color, most) => {
    const button = document.createElement("button");
    button.type = "button";
    button.style.background = color.fill;
    button.style.color = isLight(color.fill) ? "#000" : "#fff";
    button.style.setProperty("--share", most ? color.share / most : 0);
    button.classList.toggle("locked", color.locked);
    button.append(part("name", color.hex), part("share", color.percent), part("lock", ""), part("bar", ""));
    return button;
  };
  const lay = (buttons) => {
    const rows = ROWS.find(([most]) => buttons.length <= most)[1];
    strip.style.setProperty("--columns", Math.ceil(buttons.length / rows));
    strip.replaceChildren(...buttons);
  };

  const ask = (button, color) => {
    const [box, place] = [button.getBoundingClientRect(), find(".place").getBoundingClientRect()];
    const now = { isLocked: color.locked, canLock: data.canLock, isAlone: color.index === data.alone };
    openMenu(find(".menu"), {
      at: { x: box.left - place.left, above: box.top - place.top - 4, below: box.bottom - place.top + 4 },
      color: color.fill,
      title: `${color.hex} · ${color.percent}`,
      items: itemsFor(color.hex, color, now, act, tell),
    });
  };
  const most = Math.max(...data.colors.map((color) => color.share));
  // Keyboard focus stays on the same place when the strip is redrawn.
  const focused = [...strip.children].findIndex((button) => button === strip.getRootNode().activeElement);
  const exact = () =>
    data.colors.map((color, index) => {
      const button = drawn(color, most);
      button.setAttribute("aria-label", describe(color));
      button.setAttribute("aria-haspopup", "menu");
      button.classList.toggle("alone", color.index === data.alone);
      button.title = describe(color);
      button.tabIndex = index === Math.max(focused, 0) ? 0 : -1;
      button.onclick = () => ask(button, color);
      return button;
    });
  // While the number of colors is being chosen: the palette of a sweep, not to be worked with.
  const preview = ({ colors, shares }) =>
    colors.map((color, index) => {
      const [hex, share] = [`#${color}`, shares[index]];
      const percent = `${(100 * share).toFixed(1)} %`;
      const button = drawn({ hex, fill: hex, locked: false, share, percent }, Math.max(...shares));
      button.disabled = true;
      return button;
    });
  listen(strip, "kmeans-studio:live", ({ detail: palette }) => {
    if (palette === null && !strip.isLive) return;
    strip.isLive = palette !== null;
    lay(palette ? preview(palette) : exact());
    strip.classList.toggle("dimmed", data.dimmed && !strip.isLive);
  });
  if (!strip.isLive) lay(exact());
  if (focused >= 0) strip.children[Math.min(focused, strip.children.length - 1)]?.focus();
  strip.onkeydown = (event) => {
    const columns = Number(strip.style.getPropertyValue("--columns"));
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...strip.children];
    const next = buttons[buttons.indexOf(strip.getRootNode().activeElement) + step];
    if (!next) return;
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  };
  find(".all").onclick = () => copyText(data.colors.map((color) => color.hex).join("\n")).then(tell);
  if (!said.textContent || !strip.telling) said.textContent = hint();
}

// Whether black is easier to read on a color, "#8a7f6e", than white (WCAG's relative luminance above 0.179).
function isLight(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const level = parseInt(hex.slice(at, at + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}

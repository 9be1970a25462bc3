// The palette as one strip: width is share, a click copies the color and picks it. One tab stop, arrow keys inside.
export default function ({ data: [data], parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const said = parentElement.querySelector(".said");
  strip.classList.toggle("dimmed", data.dimmed && !strip.isLive);
  strip.setAttribute("aria-label", `Palette of ${data.colors.length} colors`);

  const describe = (color) =>
    `${color.hex} · rgb(${color.rgb.join(", ")}) · ${color.percent} · ${color.count} pixels` +
    (color.locked ? " · locked" : "");
  const picked = data.colors.find((color) => color.index === data.chosen);
  const shown = picked
    ? `Only the pixels of ${picked.hex} are shown. Click it again to see all.`
    : "Click a color to copy it and to see only its pixels.";
  // The message of a click stays when the strip is redrawn because of it.
  const hint = strip.dataset.said && picked ? `${strip.dataset.said} ${shown}` : strip.dataset.said || shown;

  const copy = async (color) => {
    try {
      await navigator.clipboard.writeText(color.hex);
      strip.dataset.said = `Copied ${color.hex}.`;
    } catch {
      strip.dataset.said = `This browser does not let pages copy; the color is ${color.hex}.`;
    }
    strip.dataset.until = Date.now() + 2500;
    said.textContent = strip.dataset.said;
  };

  const drawn = (color) => {
    const button = document.createElement("button");
    const part = (name, text) => {
      const element = document.createElement("span");
      element.className = name;
      element.textContent = text;
      return element;
    };
    const swatch = part("swatch", "");
    swatch.style.background = color.fill;
    swatch.classList.toggle("locked", color.locked);
    button.append(swatch, part("name", color.hex), part("share", color.percent));
    button.style.setProperty("--share", color.share);
    return button;
  };

  // Keyboard focus stays on the same color when the strip is redrawn.
  const focused = [...strip.children].findIndex((button) => button === strip.getRootNode().activeElement);
  const exact = () =>
    data.colors.map((color, index) => {
      const button = drawn(color);
      button.setAttribute("aria-label", `Copy ${describe(color)}`);
      button.setAttribute("aria-pressed", String(color.index === data.chosen));
      button.title = describe(color);
      button.tabIndex = index === Math.max(focused, 0) ? 0 : -1;
      button.onclick = async () => {
        await copy(color);
        setTriggerValue("pick", color.index);
      };
      button.onfocus = button.onpointerenter = () => {
        // A click redraws the strip under the pointer; its message must stay readable.
        if (Date.now() < Number(strip.dataset.until)) return;
        delete strip.dataset.said;
        said.textContent = describe(color);
      };
      return button;
    });
  // While the number of colors is being chosen: the palette of a sweep, not to be worked with.
  const preview = ({ colors, shares }) =>
    colors.map((color, index) => {
      const [hex, share] = [`#${color}`, shares[index]];
      const button = drawn({ hex, fill: hex, locked: false, share, percent: `${(100 * share).toFixed(1)} %` });
      button.disabled = true;
      return button;
    });
  strip.live = (palette) => {
    if (palette === null && !strip.isLive) return;
    strip.isLive = palette !== null;
    strip.replaceChildren(...(palette ? preview(palette) : exact()));
    strip.classList.toggle("dimmed", data.dimmed && !strip.isLive);
  };
  if (!strip.listens) {
    const event = "kmeans-studio:live";
    strip.listens = ({ detail }) => (strip.isConnected ? strip.live(detail) : window.removeEventListener(event, strip.listens));
    window.addEventListener(event, strip.listens);
  }
  if (!strip.isLive) strip.replaceChildren(...exact());
  if (focused >= 0) strip.children[Math.min(focused, strip.children.length - 1)]?.focus();
  strip.onpointerleave = () => {
    delete strip.dataset.said;
    said.textContent = shown;
  };
  strip.onkeydown = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...strip.children];
    const here = buttons.indexOf(parentElement.activeElement ?? strip.getRootNode().activeElement);
    const next = buttons[Math.min(Math.max(here + step, 0), buttons.length - 1)];
    buttons.forEach((button) => (button.tabIndex = button === next ? 0 : -1));
    next.focus();
  };
  said.textContent = data.colors.length ? hint : "";
}

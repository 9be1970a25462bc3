// What can be done with a color: a menu where it was clicked, on the picture or in its palette.

// What the picture does for other parts of the page: {lock: hex}, {alone: index}, {exchange: index, to, isFinal}.
const COLOR_EVENT = "kmeans-studio:color";

// The entries of the menu of a color, "#8a7f6e". color: {index, hex, locked} of the palette, or undefined for a color
// that it does not have. isLocked, canLock, isAlone: as it is now. act: called with what is chosen, as in COLOR_EVENT.
// tell: called with a sentence.
function itemsFor(hex, color, { isLocked, canLock, isAlone }, act, tell) {
  const copy = { label: `Copy ${hex}`, act: () => copyText(hex).then(tell) };
  const lock = {
    label: isLocked ? "Unlock" : color ? "Lock" : "Put it in the palette and lock it",
    act: () => act({ lock: hex }),
    disabled: !canLock,
    hint: canLock ? "A locked color stays exactly as it is." : "What computes the colors cannot keep some.",
  };
  if (!color) return [copy, lock];
  return [
    copy,
    lock,
    { label: "Exchange…", pick: hex, act: (to, isFinal) => act({ exchange: color.index, to, isFinal }) },
    { label: isAlone ? "Show all" : "Show alone", act: () => act({ alone: color.index }) },
  ];
}

// Returns what came of it, as a sentence.
async function copyText(text) {
  const said = text.includes("\n") ? `${text.split("\n").length} colors` : text;
  try {
    await navigator.clipboard.writeText(text);
    return `Copied ${said}.`;
  } catch {
    return `This browser does not let pages copy: ${text}`;
  }
}

// Hears an event of the window until the element is gone; once for each element and event.
function listen(element, name, hear) {
  const heard = (element.heard ??= {});
  heard[name]?.remove();
  const listener = (event) => (element.isConnected ? hear(event) : heard[name].remove());
  window.addEventListener(name, listener);
  heard[name] = { remove: () => window.removeEventListener(name, listener) };
}

// menu: the element, in a positioned parent. at: {x, above, below} in that parent: above or below what it is for. title: the color, and what it says of it.
// items: {label, act, disabled, hint}; one with `pick`, a color, opens a chooser: act(color, isFinal).
function openMenu(menu, { at, color, title, items }) {
  const opener = menu.getRootNode().activeElement;
  const head = document.createElement("div");
  head.className = "head";
  const swatch = document.createElement("span");
  swatch.className = "swatch";
  swatch.style.background = color;
  head.append(swatch, title);

  const close = () => {
    if (menu.hidden) return;
    menu.hidden = true;
    opener?.focus?.();
    document.removeEventListener("pointerdown", closeOutside, true);
  };
  const closeOutside = (event) => {
    if (!event.composedPath().includes(menu)) close();
  };
  const button = ({ label, act, disabled = false, hint = "" }) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", textContent: label, disabled, title: hint });
    made.onclick = () => {
      close();
      act();
    };
    return made;
  };
  const chooser = ({ label, act, pick }) => {
    const made = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "color", value: pick });
    input.oninput = () => act(input.value, false);
    input.onchange = () => {
      close();
      act(input.value, true);
    };
    made.append(label, input);
    return made;
  };
  const made = items.map((item) => (item.pick ? chooser(item) : button(item)));
  made.forEach((item) => (item.querySelector("input") ?? item).setAttribute("role", "menuitem"));
  menu.replaceChildren(head, ...made);
  menu.setAttribute("aria-label", title);
  menu.hidden = false;
  const parent = menu.offsetParent;
  menu.style.left = `${Math.max(0, Math.min(at.x, parent.clientWidth - menu.offsetWidth))}px`;
  const isBelow = parent.getBoundingClientRect().top + at.below + menu.offsetHeight < window.innerHeight;
  menu.style.top = `${isBelow ? at.below : at.above - menu.offsetHeight}px`;

  const stops = made.map((item) => item.querySelector("input") ?? item).filter((item) => !item.disabled);
  menu.onkeydown = (event) => {
    const here = stops.indexOf(menu.getRootNode().activeElement);
    const to = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") close();
    else if (to !== undefined) stops[(to + stops.length) % stops.length].focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  };
  stops[0]?.focus();
  document.addEventListener("pointerdown", closeOutside, true);
}
